/*
 * enter-saver: from the original kernel (A) into the saver kernel (B).
 *
 * Entered  by `call` from the end of A's relocate_kernel (arch/x86/kernel/relocate_kernel_64.S), after
 *          A has swapped the saver region's pages in: 64-bit mode, A's kexec identity mapping, interrupts
 *          off, no usable GDT or IDT. 0(%rsp) is the jump back entry (JBE): the physical address at
 *          which A goes on.
 * Does     write the JBE as 16 lower-case hexadecimal digits into B's command line, and as a number to where
 *          it is told (the way back in B's initramfs); switches to the page tables that came with it,
 *          because A's do not map the APIC; takes a stack and a descriptor table (__BOOT_CS, __BOOT_DS) of
 *          its own; sends INIT to all other processors.
 * Leaves   to B's 64-bit entry point (kernel + 0x200), %rsi = boot_params, as
 *          Documentation/arch/x86/boot.rst asks in "64-bit Boot Protocol". B switches to page tables,
 *          stack and descriptors of its own. The page is not needed any more then.
 */
	.include "stub.inc"

	stub_header
page_tables:	.quad	0		/* CR3: an identity mapping of B's memory and the APIC's page, in A's paging mode */
hex_slot:	.quad	0		/* where the first of the 16 digits goes */
word_slot:	.quad	0		/* where the number goes; 0 = nowhere */
boot_params:	.quad	0		/* the boot_params page */
kernel_entry:	.quad	0		/* B's 64-bit entry point */

begin:
	cli
	cld
	mov	(%rsp), %rdx		/* while A's stack is mapped */
	mov	page_tables(%rip), %rax
	mov	%rax, %cr3
	lea	stack_top(%rip), %rsp

	mov	word_slot(%rip), %rdi
	test	%rdi, %rdi
	jz	no_word
	mov	%rdx, (%rdi)
no_word:
	mov	hex_slot(%rip), %rdi
	mov	$16, %ecx
next_digit:
	rol	$4, %rdx		/* the highest digit first */
	mov	%edx, %eax
	and	$15, %eax
	cmp	$10, %eax
	jb	below_ten
	add	$('a' - 10 - '0'), %eax
below_ten:
	add	$'0', %eax
	stosb
	dec	%ecx
	jnz	next_digit

	load_descriptors
	init_other_processors
	mov	boot_params(%rip), %rsi
	mov	kernel_entry(%rip), %rax
	xor	%ebx, %ebx		/* boot.rst wants these three 0 for the 32-bit entry; harmless here */
	xor	%ebp, %ebp
	xor	%edi, %edi
	jmp	*%rax

	stub_footer
