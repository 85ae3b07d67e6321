/*
 * call-program: from the original kernel (A) into a program for the bare processor, and back into A with what
 * became of it.
 *
 * Lies      in two pages of low memory, below 0xa0000: this one, and one of zeros behind it, for tables and a stack.
 * Entered   like enter-saver: by `call` from the end of A's relocate_kernel, 64-bit mode, A's kexec identity
 *           mapping, interrupts off, no usable GDT or IDT. 0(%rsp) is the jump back entry (JBE).
 * Does      switch to the page tables that came with it; take a stack and a descriptor table of its own; send INIT to
 *           all other processors; mask the 8259s. Then it loads the registers and calls the program:
 *             64  in long mode, 4 or 5 levels of page tables as A has them, CR0.WP on: what is mapped read-only stays as it is;
 *             32  in protected mode, flat, without paging;
 *             16  in real mode, with the firmware's interrupt vectors but for those of some exceptions, and the
 *                 8259s as a BIOS has them, all but IRQ 2 masked.
 *           An exception in the program ends it; in real mode only vectors 0, 2, 6, 12 and 13 are caught. So does a time
 *           limit: the 8254 raises IRQ 0, which the local APIC makes an NMI, which nothing can hold back.
 *           When the program has ended, it goes back to 64-bit mode with A's CR0, CR4 and EFER, and writes the
 *           result and the output into frames of A's. Each of these begins with a token; if one does not, the frames are
 *           not what they were when they were chosen, and nothing is written at all.
 * Leaves    to the JBE with 0 at 0(%rsp), "there is nobody", and the GDT register as A's CPU 0 has it. A's kernel sets up
 *           interrupt controllers and timers anew when it goes on.
 *
 * Sources: Intel SDM volume 3A, "Processor Management and Initialization" (switching modes), "Interrupt 1-17", "Local Vector
 * Table"; the data sheets of the 8254 and the 8259A.
 */
	.include "stub.inc"

	/* Segments */
	.set	CODE_32, 0x20
	.set	CODE_16, 0x28		/* based at this page */
	.set	DATA_HERE, 0x30		/* likewise */
	.set	TASK, 0x38

	/* arch/x86/include/uapi/asm/processor-flags.h, arch/x86/include/asm/msr-index.h */
	.set	CR0_PE, 1 << 0
	.set	CR0_MP, 1 << 1
	.set	CR0_ET, 1 << 4
	.set	CR0_NE, 1 << 5
	.set	CR0_WP, 1 << 16
	.set	CR0_PG, 1 << 31
	.set	CR4_SSE, 1 << 9 | 1 << 10	/* OSFXSR, OSXMMEXCPT */
	.set	MSR_EFER, 0xc0000080
	.set	EFER_LME, 1 << 8
	.set	EFER_LMA, 1 << 10

	/* The second page */
	.set	IDT, STUB_SIZE
	.set	TSS, STUB_SIZE + 0x400
	.set	TSS_IST1, 0x24
	.set	TSS_SIZE, 0x68
	.set	EXCEPTION_STACK, 2 * STUB_SIZE

	.set	EXCEPTIONS, 32
	.set	NMI, 2
	.set	GATE, 0x8e00		/* present, interrupt gate */
	.set	WITH_ERROR_CODE, 1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17 | 1 << 21 | 1 << 29 | 1 << 30

	/* The 8259s, and the vectors that a BIOS has for them */
	.set	PIC_1, 0x20
	.set	PIC_1_MASK, 0x21
	.set	PIC_2, 0xa0
	.set	PIC_2_MASK, 0xa1
	.set	PIC_ICW1, 0x11		/* edges, two of them, a fourth word follows */
	.set	PIC_ICW4, 0x01		/* 8086 */
	.set	PIC_POLL, 0x0c		/* the next read takes an interrupt, as the processor does otherwise */
	.set	PIC_EOI, 0x20
	.set	BIOS_IRQ_0, 0x08
	.set	BIOS_IRQ_8, 0x70
	.set	ALL, 0xff
	.set	ALL_BUT_PIC_2, 0xfb
	.set	IRQ_0, 0x01

	.set	PIT_CONTROL, 0x43	/* the 8254 */
	.set	PIT_0, 0x40
	.set	PIT_0_PERIODIC, 0x34	/* channel 0, low byte then high byte, mode 2 */
	.set	APIC_LVT0, 0x350
	.set	MSR_X2APIC_LVT0, 0x835
	.set	LVT_NMI, 0x400
	.set	HPET_CONFIG, 0x10
	.set	HPET_LEGACY, 2		/* timer 0 stands in for the 8254 */

	/* What became of the program */
	.set	RETURNED, 1
	.set	FAULTED, 2
	.set	TIMED_OUT, 3

	.text
stub:
	stub_header
page_tables:	.quad	0		/* CR3, below 4 GiB: an identity mapping of A's RAM and of what the program has, in A's paging mode */
mode:		.quad	0		/* 64, 32 or 16 */
entry:		.quad	0		/* of the program; in real mode segment << 16 | offset */
stack:		.quad	0		/* its top; in real mode segment << 16 | offset */
frames:		.quad	0		/* a list of addresses: the frame of the result, then those of the output */
frame_count:	.quad	0		/* of both together */
token:		.quad	0		/* the first eight bytes of each */
output:		.quad	0		/* where the program puts it */
capacity:	.quad	0		/* the most bytes of it */
output_bytes:	.quad	0		/* how many there are; -1 = as many as the program says in %rdx */
ticks:		.quad	0		/* the time limit in periods of 65536/1193182 s; 0 = none */
hpet:		.quad	0		/* the address of the HPET, which may stand in for the 8254; 0 = there is none */
result:					/* what is written behind the token of the first frame, from here on */
status:		.quad	0
vector:		.quad	0		/* of the exception */
error_code:	.quad	0
fault_address:	.quad	0		/* CR2 */
r_ax:		.quad	0		/* the registers at the entry, and then at the end */
r_bx:		.quad	0
r_cx:		.quad	0
r_dx:		.quad	0
r_si:		.quad	0
r_di:		.quad	0
r_bp:		.quad	0
r_sp:		.quad	0
r_8:		.quad	0
r_9:		.quad	0
r_10:		.quad	0
r_11:		.quad	0
r_12:		.quad	0
r_13:		.quad	0
r_14:		.quad	0
r_15:		.quad	0
r_ip:		.quad	0
r_flags:	.quad	0
r_cs:		.quad	0
r_ds:		.quad	0
r_es:		.quad	0
result_end:

jump_back_entry: .quad	0
kernels_cr0:	.quad	0
kernels_cr4:	.quad	0
kernels_efer:	.quad	0
kernels_lvt0:	.long	0
kernels_hpet:	.long	0
limited:	.long	0		/* 1: there is a time limit */
over:		.long	0		/* 1: and it is over */

	.balign	16
segments:
	.quad	0, 0
	.quad	0x00af9b000000ffff	/* 0x10: code, 64 bits */
	.quad	0x00cf93000000ffff	/* 0x18: data, flat */
	.quad	0x00cf9b000000ffff	/* 0x20: code, 32 bits, flat */
code_16:	.quad	0x00009b000000ffff	/* 0x28: code, 16 bits */
data_here:	.quad	0x000093000000ffff	/* 0x30: data, 64 KiB */
task:		.quad	0x0000890000000067, 0	/* 0x38: for long mode's exception stack */
segments_pointer:
	.word	segments_pointer - segments - 1
	.quad	0
idt_pointer:	.word	EXCEPTIONS * 16 - 1	/* in protected mode the second half is not used */
	.quad	0
real_idt_pointer: .word	0x3ff
	.quad	0
default_mxcsr:	.long	0x1f80
here:		.quad	0		/* this page's address */
here_segment:	.quad	0		/* the same as a segment of real mode */
back_pointer:	.long	0		/* of back_from_16 */
	.word	CODE_32

begin:
	cli
	cld
	mov	(%rsp), %rdx		/* while A's stack is mapped */
	mov	page_tables(%rip), %rax
	mov	%rax, %cr3
	lea	stack_top(%rip), %rsp
	mov	%rdx, jump_back_entry(%rip)
	mov	%cr0, %rax
	mov	%rax, kernels_cr0(%rip)
	mov	%cr4, %rax
	mov	%rax, kernels_cr4(%rip)
	mov	$MSR_EFER, %ecx
	rdmsr
	mov	%eax, kernels_efer(%rip)
	mov	%edx, kernels_efer+4(%rip)

	lea	stub(%rip), %rbx
	mov	%rbx, here(%rip)
	lea	segments - stub(%rbx), %rax
	mov	%rax, segments_pointer+2(%rip)
	lea	IDT(%rbx), %rax
	mov	%rax, idt_pointer+2(%rip)
	lea	back_from_16 - stub(%rbx), %rax
	mov	%eax, back_pointer(%rip)
	mov	%rbx, %rax
	shl	$16, %rax		/* the base's bits 0 to 23 are at 16 */
	or	%rax, code_16(%rip)
	or	%rax, data_here(%rip)
	lea	TSS(%rbx), %rax
	shl	$16, %rax
	or	%rax, task(%rip)
	mov	%ebx, %eax
	shr	$4, %eax
	mov	%rax, here_segment(%rip)
	call	load_segments
	init_other_processors
	mov	$ALL, %al
	out	%al, $PIC_1_MASK
	out	%al, $PIC_2_MASK
	cmpl	$16, mode(%rip)
	jne	not_for_bios
	mov	$PIC_ICW1, %al		/* as a BIOS has them, if it should turn interrupts on */
	out	%al, $PIC_1
	out	%al, $PIC_2
	mov	$BIOS_IRQ_0, %al
	out	%al, $PIC_1_MASK
	mov	$BIOS_IRQ_8, %al
	out	%al, $PIC_2_MASK
	mov	$4, %al			/* the second is at IRQ 2 of the first */
	out	%al, $PIC_1_MASK
	mov	$2, %al
	out	%al, $PIC_2_MASK
	mov	$PIC_ICW4, %al
	out	%al, $PIC_1_MASK
	out	%al, $PIC_2_MASK
	mov	$ALL, %al
	out	%al, $PIC_2_MASK
	mov	$ALL_BUT_PIC_2, %al
	out	%al, $PIC_1_MASK
not_for_bios:
	cmpq	$0, ticks(%rip)
	je	no_limit
	movl	$1, limited(%rip)
	mov	hpet(%rip), %rdx
	test	%rdx, %rdx
	jz	no_hpet
	mov	HPET_CONFIG(%rdx), %eax
	mov	%eax, kernels_hpet(%rip)
	and	$~HPET_LEGACY, %eax
	mov	%eax, HPET_CONFIG(%rdx)
no_hpet:
	call	read_lvt0
	mov	%eax, kernels_lvt0(%rip)
	mov	$LVT_NMI, %eax
	call	write_lvt0
	mov	$PIT_0_PERIODIC, %al
	out	%al, $PIT_CONTROL
	xor	%al, %al		/* 65536, the longest */
	out	%al, $PIT_0
	out	%al, $PIT_0
no_limit:
	cmpl	$64, mode(%rip)
	jne	leave_long_mode

	/* The program's registers, in 64-bit mode. */
	.macro	load_registers_64
	.irp	name, ax, bx, cx, dx, si, di, bp, 8, 9, 10, 11, 12, 13, 14, 15
	mov	r_\name(%rip), %r\name
	.endr
	.endm
	.macro	save_registers_64
	.irp	name, ax, bx, cx, dx, si, di, bp, 8, 9, 10, 11, 12, 13, 14, 15
	mov	%r\name, r_\name(%rip)
	.endr
	.endm

	/* And in the other modes, through a segment that is this page. */
	.macro	load_registers segment
	.irp	name, ax, bx, cx, dx, si, di, bp
	movl	%\segment:r_\name - stub, %e\name
	.endr
	.endm
	.macro	save_registers segment
	.irp	name, ax, bx, cx, dx, si, di, bp
	movl	%e\name, %\segment:r_\name - stub
	.endr
	.endm

	/* The 8254's period is over: a poll takes its interrupt, which nobody else does. Uses %al. */
	.macro	take_tick
	mov	$PIC_POLL, %al
	out	%al, $PIC_1
	in	$PIC_1, %al
	mov	$PIC_EOI, %al
	out	%al, $PIC_1
	.endm

	/* The first NMI comes at once: IRQ 0 is high already. Uses %al. */
	.macro	begin_limit ticks:vararg
	cmpl	$0, \ticks
	je	.Lunlimited\@
	in	$PIC_1_MASK, %al
	and	$~IRQ_0, %al
	out	%al, $PIC_1_MASK
.Lunlimited\@:
	.endm

	/* 64: %rbx is this page. */
	lea	exceptions_64(%rip), %rax
	lea	IDT(%rbx), %rdi
	mov	$EXCEPTIONS, %ecx
gate_64:
	mov	%ax, (%rdi)
	movw	$BOOT_CS, 2(%rdi)
	movw	$(GATE | 1), 4(%rdi)	/* on the first stack of the IST, whatever the program's is */
	mov	%eax, %edx
	shr	$16, %edx
	mov	%dx, 6(%rdi)
	add	$16, %rdi
	add	$8, %rax
	dec	%ecx
	jnz	gate_64
	lidt	idt_pointer(%rip)
	lea	EXCEPTION_STACK(%rbx), %rax
	mov	%rax, TSS + TSS_IST1(%rbx)
	movw	$TSS_SIZE, TSS + 0x66(%rbx)	/* no I/O bitmap */
	mov	$TASK, %eax
	ltr	%ax
	mov	kernels_cr4(%rip), %rax
	or	$CR4_SSE, %rax
	mov	%rax, %cr4
	mov	kernels_cr0(%rip), %rax
	or	$(CR0_WP | CR0_NE | CR0_MP), %rax
	mov	%rax, %cr0
	fninit
	ldmxcsr	default_mxcsr(%rip)
	mov	stack(%rip), %rsp
	begin_limit ticks(%rip)
	pushq	r_flags(%rip)
	popfq
	load_registers_64
	call	*entry(%rip)

	/* No NMI after this. Uses %al. */
	.macro	end_limit
	mov	$ALL, %al
	out	%al, $PIC_1_MASK
	.endm

returned_64:
	save_registers_64
	mov	%rsp, r_sp(%rip)
	pushfq
	popq	r_flags(%rip)
	end_limit
	movl	$RETURNED, status(%rip)
	jmp	finish

	.balign	8
exceptions_64:
	.set	number, 0
	.rept	EXCEPTIONS
	.balign	8
	.if	number == NMI
	jmp	nmi_64
	.else
	push	$number
	jmp	exception_64
	.endif
	.set	number, number + 1
	.endr

	/* The 8254's period is over. */
nmi_64:
	cmpq	$0, ticks(%rip)
	je	nmi_is_exception_64	/* somebody else's */
	push	%rax
	take_tick
	pop	%rax
	decq	ticks(%rip)
	jz	time_is_over_64
	iretq
time_is_over_64:
	movl	$1, over(%rip)
nmi_is_exception_64:
	push	$NMI

exception_64:
	save_registers_64
	end_limit
	popq	vector(%rip)
	mov	vector(%rip), %ecx
	mov	$WITH_ERROR_CODE, %eax
	bt	%ecx, %eax
	jnc	no_error_code_64
	popq	error_code(%rip)
no_error_code_64:
	popq	r_ip(%rip)
	popq	r_cs(%rip)
	popq	r_flags(%rip)
	popq	r_sp(%rip)
	mov	%cr2, %rax
	mov	%rax, fault_address(%rip)
	movl	$FAULTED, status(%rip)

	/* The end, for all: 64-bit mode, %rsp is of no use, the data segments may be the program's. */
finish:
	cli
	cld
	mov	page_tables(%rip), %rax
	mov	%rax, %cr3
	lea	stack_top(%rip), %rsp
	mov	kernels_cr4(%rip), %rax
	mov	%rax, %cr4
	mov	kernels_cr0(%rip), %rax	/* without WP: the frames are mapped read-only */
	mov	%rax, %cr0
	call	load_segments
	cmpl	$0, limited(%rip)
	je	never_limited
	mov	kernels_lvt0(%rip), %eax
	call	write_lvt0
	mov	hpet(%rip), %rdx
	test	%rdx, %rdx
	jz	never_limited
	mov	kernels_hpet(%rip), %eax
	mov	%eax, HPET_CONFIG(%rdx)
never_limited:
	cmpl	$0, over(%rip)
	je	in_time
	movl	$TIMED_OUT, status(%rip)
in_time:

	mov	frames(%rip), %rsi
	mov	frame_count(%rip), %rcx
	mov	token(%rip), %rdx
next_token:
	mov	-8(%rsi,%rcx,8), %rdi
	cmp	%rdx, (%rdi)
	jne	to_kernel
	dec	%rcx
	jnz	next_token

	mov	%rsi, %rbx		/* the next frame's entry */
	mov	(%rbx), %rdi
	add	$8, %rdi
	lea	result(%rip), %rsi
	mov	$(result_end - result) / 8, %ecx
	rep movsq

	cmpl	$RETURNED, status(%rip)
	jne	to_kernel
	mov	output_bytes(%rip), %rdx
	cmp	$-1, %rdx
	jne	counted
	mov	r_dx(%rip), %rdx
counted:
	cmp	capacity(%rip), %rdx
	ja	to_kernel		/* more than there can be: A sees that */
	mov	output(%rip), %rsi
next_frame:
	test	%rdx, %rdx
	jz	to_kernel
	add	$8, %rbx
	mov	(%rbx), %rdi
	mov	$4096, %ecx
	cmp	%rcx, %rdx
	cmovb	%rdx, %rcx
	sub	%rcx, %rdx
	rep movsb
	jmp	next_frame

to_kernel:
	pushq	$0
	load_kernels_gdt_register
	jmp	*jump_back_entry(%rip)

	/* The descriptors of this page. Uses %rax. */
load_segments:
	lgdt	segments_pointer(%rip)
	mov	$BOOT_DS, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%eax, %fs
	mov	%eax, %gs
	popq	%rax
	pushq	$BOOT_CS
	pushq	%rax
	lretq

	/* The local APIC's entry for the 8259's line, in %eax. Use %rcx, %rdx. */
read_lvt0:
	call	is_x2apic
	jnz	read_x2apic
	mov	$APIC, %edx
	mov	APIC_LVT0(%rdx), %eax
	ret
read_x2apic:
	mov	$MSR_X2APIC_LVT0, %ecx
	rdmsr
	ret
write_lvt0:
	push	%rax
	call	is_x2apic
	pop	%rax			/* flags stay */
	jnz	write_x2apic
	mov	$APIC, %edx
	mov	%eax, APIC_LVT0(%rdx)
	ret
write_x2apic:
	mov	$MSR_X2APIC_LVT0, %ecx
	xor	%edx, %edx
	wrmsr
	ret
is_x2apic:
	mov	$MSR_APIC_BASE, %ecx
	rdmsr
	test	$APIC_BASE_X2APIC, %eax
	ret

	/* 32 and 16: 64-bit mode, %rbx is this page. */
leave_long_mode:
	lea	exceptions_32(%rip), %rax
	lea	IDT(%rbx), %rdi
	mov	$EXCEPTIONS, %ecx
gate_32:
	mov	%ax, (%rdi)
	movw	$CODE_32, 2(%rdi)
	movw	$GATE, 4(%rdi)
	mov	%eax, %edx
	shr	$16, %edx
	mov	%dx, 6(%rdi)
	add	$8, %rdi
	add	$8, %rax
	dec	%ecx
	jnz	gate_32
	pushq	$CODE_32
	lea	below_long_mode(%rip), %rax
	pushq	%rax
	lretq

	.code32
below_long_mode:
	mov	$DATA_HERE, %eax
	mov	%eax, %gs
	mov	%cr0, %eax
	and	$~CR0_PG, %eax
	mov	%eax, %cr0
	mov	$MSR_EFER, %ecx
	rdmsr
	and	$~EFER_LME, %eax
	wrmsr
	cmpl	$16, %gs:mode - stub
	je	leave_protected_mode

	mov	$CR4_SSE, %eax
	mov	%eax, %cr4
	mov	$(CR0_PE | CR0_MP | CR0_ET | CR0_NE), %eax
	mov	%eax, %cr0
	lidt	%gs:idt_pointer - stub
	fninit
	ldmxcsr	%gs:default_mxcsr - stub
	mov	%gs:stack - stub, %esp
	pushl	%gs:r_cx - stub		/* for a C function, too */
	pushl	%gs:r_dx - stub
	pushl	%gs:r_si - stub
	pushl	%gs:r_di - stub
	mov	%gs:here - stub, %eax
	add	$(returned_32 - stub), %eax
	push	%eax
	begin_limit %gs:ticks - stub
	pushl	%gs:entry - stub
	pushl	%gs:r_flags - stub
	popfl
	load_registers gs
	push	$BOOT_DS
	pop	%gs
	ret				/* to the entry */

	.macro	save_registers_32
	push	$DATA_HERE
	pop	%gs
	save_registers gs
	.endm

returned_32:
	save_registers_32
	pushfl
	popl	%gs:r_flags - stub
	mov	%esp, %gs:r_sp - stub
	end_limit
	movl	$RETURNED, %gs:status - stub
	jmp	back_to_long_mode

	.balign	8
exceptions_32:
	.set	number, 0
	.rept	EXCEPTIONS
	.balign	8
	.if	number == NMI
	jmp	nmi_32
	.else
	push	$number
	jmp	exception_32
	.endif
	.set	number, number + 1
	.endr

nmi_32:
	push	%gs
	push	$DATA_HERE
	pop	%gs
	cmpl	$0, %gs:ticks - stub
	je	nmi_is_exception_32
	push	%eax
	take_tick
	pop	%eax
	decl	%gs:ticks - stub
	jz	time_is_over_32
	pop	%gs
	iret
time_is_over_32:
	movl	$1, %gs:over - stub
nmi_is_exception_32:
	pop	%gs
	push	$NMI

exception_32:
	save_registers_32
	end_limit
	popl	%gs:vector - stub
	mov	%gs:vector - stub, %ecx
	mov	$WITH_ERROR_CODE, %eax
	bt	%ecx, %eax
	jnc	no_error_code_32
	popl	%gs:error_code - stub
no_error_code_32:
	popl	%gs:r_ip - stub
	popl	%gs:r_cs - stub
	popl	%gs:r_flags - stub
	mov	%esp, %gs:r_sp - stub
	movl	$FAULTED, %gs:status - stub
	jmp	back_to_long_mode

back_from_16:
	mov	$DATA_HERE, %eax
	mov	%eax, %gs

	/* Protected mode, %gs is this page. */
back_to_long_mode:
	cli
	mov	%cr0, %eax
	and	$~CR0_PG, %eax
	mov	%eax, %cr0
	mov	$BOOT_DS, %eax
	mov	%eax, %ss
	mov	%gs:here - stub, %esp
	add	$(stack_top - stub), %esp
	mov	%gs:kernels_cr4 - stub, %eax
	mov	%eax, %cr4		/* LA57 among it, which can be changed only now */
	mov	%gs:page_tables - stub, %eax
	mov	%eax, %cr3
	mov	$MSR_EFER, %ecx
	mov	%gs:kernels_efer - stub, %eax
	mov	%gs:kernels_efer + 4 - stub, %edx
	and	$~EFER_LMA, %eax	/* the processor sets it */
	wrmsr
	mov	%gs:kernels_cr0 - stub, %eax
	mov	%eax, %cr0
	push	$BOOT_CS
	mov	%gs:here - stub, %eax
	add	$(finish - stub), %eax
	push	%eax
	lret

	/* 16: protected mode, %gs is this page. */
leave_protected_mode:
	xor	%eax, %eax
	mov	%eax, %cr4
	lidt	%gs:real_idt_pointer - stub
	ljmp	$CODE_16, $(in_16_bits - stub)

	.code16
in_16_bits:
	mov	$DATA_HERE, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %fs
	mov	%ax, %gs
	mov	%ax, %ss		/* limits of 64 KiB, which stay */
	mov	$(stack_top - stub), %sp
	mov	$CR0_ET, %eax
	mov	%eax, %cr0
	pushw	here_segment - stub
	pushw	$(real_mode - stub)
	lretw
real_mode:
	fninit
	xor	%ax, %ax
	mov	%ax, %es
	.irp	number, 0, NMI, 6, 12, 13
	movl	%es:4 * \number, %eax
	movl	%eax, %cs:firmwares_\number - stub
	movw	$(real_exception_\number - stub), %es:4 * \number
	movw	%cs, %es:4 * \number + 2
	.endr
	xor	%ax, %ax
	mov	%ax, %fs
	mov	%ax, %gs
	xor	%esp, %esp
	lss	%cs:stack - stub, %sp
	pushw	%cs
	pushw	$(returned_16 - stub)
	pushl	%cs:entry - stub
	begin_limit %cs:ticks - stub
	pushl	%cs:r_flags - stub
	popfl
	load_registers cs
	movw	%cs:r_es - stub, %es
	movw	%cs:r_ds - stub, %ds
	lretw				/* to the entry */

	.macro	save_registers_16
	save_registers cs
	movw	%ds, %cs:r_ds - stub
	movw	%es, %cs:r_es - stub
	.endm

returned_16:
	save_registers_16
	pushfl
	popl	%cs:r_flags - stub
	end_limit
	movl	$RETURNED, %cs:status - stub
	jmp	leave_real_mode

	.irp	number, 0, 6, 12, 13
real_exception_\number:
	pushw	$\number
	jmp	real_exception
	.endr

real_exception_NMI:
	cmpl	$0, %cs:ticks - stub
	je	nmi_is_exception_16
	push	%ax
	take_tick
	pop	%ax
	decl	%cs:ticks - stub
	jz	time_is_over_16
	iretw
time_is_over_16:
	movl	$1, %cs:over - stub
nmi_is_exception_16:
	pushw	$NMI

real_exception:
	save_registers_16
	end_limit
	popw	%cs:vector - stub
	popw	%cs:r_ip - stub
	popw	%cs:r_cs - stub
	popw	%cs:r_flags - stub
	movl	$FAULTED, %cs:status - stub

leave_real_mode:
	cli
	movw	%sp, %cs:r_sp - stub
	xor	%ax, %ax
	mov	%ax, %es
	.irp	number, 0, NMI, 6, 12, 13
	movl	%cs:firmwares_\number - stub, %eax
	movl	%eax, %es:4 * \number
	.endr
	lgdtl	%cs:segments_pointer - stub
	mov	$(CR0_PE | CR0_ET), %eax
	mov	%eax, %cr0
	ljmpl	*%cs:back_pointer - stub

	.irp	number, 0, NMI, 6, 12, 13
firmwares_\number: .long 0
	.endr

	kernels_gdt
	.org	STUB_SIZE - 8
stack_top:				/* one word above the top, so that 0(%rsp) can always be read */
	.quad	0
