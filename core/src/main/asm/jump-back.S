/*
 * jump-back: from the saver kernel (B) back into the original kernel (A); and, if B wants to be entered again,
 * the way from A into B.
 *
 * Entered  from B's relocate_kernel, or from the start of an ELF file that kexec-tools loaded: 64-bit mode, B's
 *          kexec identity mapping, interrupts off, no usable GDT or IDT. For good: any %rsp, nothing is read
 *          from there. With a re-entry: by `call`, 0(%rsp) is B's re-entry point.
 * Does     map the pages around the jump back entry (JBE) and around B's re-entry point in the page tables that came with
 *          it, and switch to those, because B's do not map A's control page; takes a stack and a descriptor table of
 *          its own; sends INIT to all other processors.
 * Leaves   to the JBE. 0(%rsp) is what A takes for the entry point of the system that it came from: 0,
 *          "there is nobody", or `reenter`, if this page is to be gone through on the way back into B too. The GDT
 *          register is as A's CPU 0 has it. A swaps its own pages back in, this one among them.
 *
 * reenter: A has swapped B's pages in again, and with them this page as it was left.
 *
 * Entered  by `call` from A's relocate_kernel, like enter-saver. 0(%rsp) is the JBE of now.
 * Does     switch to the same page tables, stack and descriptors; sends INIT to all other processors.
 * Leaves   to B's re-entry point, 0(%rsp) = the JBE, which B's kernel keeps and does not tell; it is where it was
 *          before, for A's image is the same. The GDT register is as B's CPU 0 has it.
 */
	.include "stub.inc"

	stub_header
page_tables:	.quad	0		/* CR3: an identity mapping of these pages and the APIC's, in A's paging mode */
root_shift:	.quad	0		/* log2 of what one entry of the root maps: 39 or 48 */
spare_tables:	.quad	0		/* zero pages to make more tables of */
with_reentry:	.quad	0		/* 0 = for good, 1 = with a re-entry */
jump_back_entry: .quad	0

begin:
	cli
	cld
	xor	%ebx, %ebx
	cmpq	$0, with_reentry(%rip)
	je	for_good
	mov	(%rsp), %rbx		/* while B's stack is mapped */
for_good:
	lea	stack_top(%rip), %rsp
	mov	%rbx, reentry_point(%rip)
	mov	page_tables(%rip), %rsi
	mov	root_shift(%rip), %r8
	mov	spare_tables(%rip), %r9
	mov	jump_back_entry(%rip), %rdi
	call	map_around
	test	%rbx, %rbx
	jz	nobody
	mov	%rbx, %rdi
	call	map_around
	lea	reenter(%rip), %rbx
nobody:
	mov	page_tables(%rip), %rax
	mov	%rax, %cr3
	load_descriptors
	init_other_processors
	push	%rbx
	load_kernels_gdt_register
	jmp	*jump_back_entry(%rip)

reenter:
	cli
	cld
	mov	(%rsp), %rbx		/* while A's stack is mapped */
	mov	page_tables(%rip), %rax
	mov	%rax, %cr3
	lea	stack_top(%rip), %rsp
	load_descriptors
	init_other_processors
	push	%rbx
	load_kernels_gdt_register
	jmp	*reentry_point(%rip)

	map_around_subroutine

	.balign	8
reentry_point:	.quad	0		/* B's */
	kernels_gdt
	stub_footer
