/*
 * crash-back: from a saver kernel (B) that has panicked back into the original kernel (A).
 *
 * Entered  from B's relocate_kernel on the processor that panicked, where kexec_load put it with KEXEC_ON_CRASH:
 *          64-bit mode, B's kexec identity mapping, interrupts off, no usable GDT or IDT, any %rsp. The other
 *          processors stand still.
 * Does     map the pages around the jump back entry (JBE) in the page tables that came with it, and switch to
 *          those; takes a stack of its own. On another processor than A's first, which A would not get over, it
 *          restarts the machine. Otherwise it takes bus mastering from all PCI devices but bridges, which nobody has
 *          stopped, so that they do not write into what is A's again (A's own drivers restore it when they wake up);
 *          copies B's log, page by page, to the frames that a list names; writes the given notice to the given address;
 *          takes a descriptor table of its own, and sends INIT to all other processors.
 * Leaves   to the JBE with the given word at 0(%rsp), 0, "there is nobody to jump back to", or the address of
 *          `dispatch`, and the GDT register as A's CPU 0 has it; or nowhere.
 */
	.include "stub.inc"

	.set	RESET_CONTROL, 0xcf9	/* of the chipset (Intel ICH and later, AMD): 2 = prepare a hard reset, 6 = do it, 14 = with the power off and on */
	.set	KEYBOARD_CONTROL, 0x64
	.set	KEYBOARD_FULL, 2	/* its input buffer */
	.set	KEYBOARD_RESET, 0xfe
	.set	DELAY_PORT, 0x80	/* nobody's; reading it takes about a microsecond */

	.set	PCI_ADDRESS, 0xcf8
	.set	PCI_DATA, 0xcfc
	.set	PCI_ENABLE, 0x80000000
	.set	PCI_COMMAND, 4		/* include/uapi/linux/pci_regs.h */
	.set	PCI_MASTER, 4
	.set	PCI_CLASS, 8
	.set	PCI_BRIDGE, 6		/* PCI_BASE_CLASS_BRIDGE in include/linux/pci_ids.h */

	stub_header
page_tables:	.quad	0		/* CR3: an identity mapping of these pages, the notice's and the APIC's, in A's paging mode */
root_shift:	.quad	0		/* log2 of what one entry of the root maps: 39 or 48 */
spare_tables:	.quad	0		/* zero pages to make more tables of */
processor:	.quad	0		/* the APIC ID of A's first processor */
notice_slot:	.quad	0		/* where the notice goes; 0 = nowhere */
notice:		.quad	0
word:		.quad	0		/* what comes to lie at 0(%rsp) */
jump_back_entry: .quad	0
log:		.quad	0		/* B's log: its first page */
log_pages:	.quad	0		/* how many it has; 0 = there is none */
log_frames:	.quad	0		/* where the PFNs stand, 8 bytes each, that its pages are copied to */

begin:
	cli
	cld
	lea	stack_top(%rip), %rsp
	mov	page_tables(%rip), %rsi
	mov	root_shift(%rip), %r8
	mov	spare_tables(%rip), %r9
	mov	jump_back_entry(%rip), %rdi
	call	map_around
	mov	page_tables(%rip), %rax
	mov	%rax, %cr3

	mov	$MSR_APIC_BASE, %ecx
	rdmsr
	test	$APIC_BASE_ENABLE, %eax
	jz	first_processor		/* then there is only one */
	test	$APIC_BASE_X2APIC, %eax
	jnz	x2apic
	and	$0xfffff000, %eax
	cmp	$APIC, %eax
	jne	restart			/* not to be seen from here */
	test	%edx, %edx
	jnz	restart
	mov	$APIC, %edx
	mov	APIC_ID(%rdx), %eax
	shr	$24, %eax
	jmp	compare
x2apic:
	mov	$MSR_X2APIC_ID, %ecx
	rdmsr
compare:
	cmp	processor(%rip), %eax
	jne	restart

first_processor:
	call	stop_devices
	call	copy_log
	mov	notice_slot(%rip), %rdi
	test	%rdi, %rdi
	jz	no_notice
	mov	notice(%rip), %rax
	mov	%rax, (%rdi)
no_notice:
	load_descriptors
	init_other_processors
	pushq	word(%rip)
	load_kernels_gdt_register
	jmp	*jump_back_entry(%rip)

	/* As native_machine_emergency_restart in arch/x86/kernel/reboot.c does it. */
restart:
	mov	$RESET_CONTROL, %edx
	mov	$2, %al
	out	%al, %dx
	call	wait
	mov	$14, %al
	out	%al, %dx
	call	wait
	mov	$0x10000, %ecx
keyboard:
	in	$KEYBOARD_CONTROL, %al
	test	$KEYBOARD_FULL, %al
	jz	keyboard_ready
	in	$DELAY_PORT, %al
	dec	%ecx
	jnz	keyboard
keyboard_ready:
	mov	$KEYBOARD_RESET, %al
	out	%al, $KEYBOARD_CONTROL
	call	wait
	lidt	no_descriptors(%rip)	/* the third fault in a row resets the processor */
	ud2

	/* Some tens of milliseconds. Uses %rax, %rcx. */
wait:
	mov	$0x8000, %ecx
waiting:
	in	$DELAY_PORT, %al
	dec	%ecx
	jnz	waiting
	ret

	/*
	 * Every function of every PCI bus, by the ports that each PC has (PCI Local Bus Specification, 3.2.2.3.2).
	 * Where there is nothing, all bits are 1. Uses %rax, %rdx, %rdi.
	 */
stop_devices:
	mov	$PCI_ENABLE, %edi
next_function:
	mov	%edi, %eax
	call	read_config
	cmp	$-1, %eax
	je	next
	lea	PCI_CLASS(%rdi), %eax
	call	read_config
	shr	$24, %eax
	cmp	$PCI_BRIDGE, %eax
	je	next
	lea	PCI_COMMAND(%rdi), %eax
	call	read_config
	test	$PCI_MASTER, %al
	jz	next
	and	$0xffff & ~PCI_MASTER, %eax	/* the upper half is the status: what is written as 0 stays there */
	out	%eax, %dx
next:
	add	$0x100, %edi
	cmp	$PCI_ENABLE + 0x1000000, %edi
	jne	next_function
	ret

	/* The register at %eax; leaves the data port in %edx, which is still on that register. */
read_config:
	mov	$PCI_ADDRESS, %edx
	out	%eax, %dx
	mov	$PCI_DATA, %edx
	in	%dx, %eax
	ret

	/* %r9 is where map_around has left it. Uses what map_pages uses, %rsi, %r8, %r12 to %r15. */
copy_log:
	mov	log(%rip), %r12
	mov	log_pages(%rip), %r13
	mov	log_frames(%rip), %r14
	test	%r13, %r13
	jz	copied
copy_page:
	mov	(%r14), %r15
	shl	$12, %r15
	mov	page_tables(%rip), %rsi
	mov	root_shift(%rip), %r8
	mov	%r15, %rdi
	mov	$1, %r11d
	call	map_pages
	mov	%r12, %rsi
	mov	%r15, %rdi
	mov	$512, %ecx
	rep movsq
	add	$4096, %r12
	add	$8, %r14
	dec	%r13
	jnz	copy_page
copied:
	ret

	map_around_subroutine

no_descriptors:	.word	0
	.quad	0
	kernels_gdt
	stub_footer
