/*
 * jump-back: from a kernel (B) that the original kernel (A) has loaded back into A, or on into another one of
 * them (C); and, if B wants to be entered again, the way into B.
 *
 * Entered  from B's relocate_kernel, or from the start of an ELF file that kexec-tools loaded: 64-bit mode, B's
 *          kexec identity mapping, interrupts off, no usable GDT or IDT. For good: any %rsp, nothing is read
 *          from there. With a re-entry: by `call`, 0(%rsp) is B's re-entry point.
 * Does     map the pages around the destination and around B's re-entry point in the page tables that came with
 *          it, and switch to those, because B's do not map A's control page; takes a stack and a descriptor table of
 *          its own; sends INIT to all other processors.
 * Leaves   to the destination. That is A's jump back entry (JBE): then 0(%rsp) is what A takes for the entry point of
 *          the system that it came from, 0, "there is nobody"; or `reenter`, if this page is to be gone through on the
 *          way back into B too; or the word that it was given, the address of `dispatch`. A swaps its own pages back in,
 *          this one among them. Or the destination is where C is entered, its `reenter` or `enter-saver`, and the
 *          word is the JBE. The GDT register is as the CPU 0 of any kernel has it.
 *
 * reenter: B's pages are in their place again, and with them this page as it was left.
 *
 * Entered  by `call` from A's relocate_kernel, like enter-saver, or by the jump of another kernel's jump-back. 0(%rsp) is
 *          the JBE of now.
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
word:		.quad	0		/* what comes to lie at 0(%rsp); with a re-entry, 0 = `reenter` */
destination:	.quad	0
reenter_offset:	.quad	reenter - stub_start	/* no parameter: for who fills them in */

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
	mov	destination(%rip), %rdi
	call	map_around
	test	%rbx, %rbx
	jz	given
	mov	%rbx, %rdi
	call	map_around
	lea	reenter(%rip), %rbx
	cmpq	$0, word(%rip)
	je	found
given:
	mov	word(%rip), %rbx
found:
	mov	page_tables(%rip), %rax
	mov	%rax, %cr3
	load_descriptors
	init_other_processors
	push	%rbx
	load_kernels_gdt_register
	jmp	*destination(%rip)

reenter:
	cli
	cld
	mov	(%rsp), %rbx		/* while the last kernel's stack is mapped */
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
