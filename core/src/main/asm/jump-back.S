/*
 * jump-back: from the saver kernel (B) back into the original kernel (A).
 *
 * Entered  from B's relocate_kernel: 64-bit mode, B's kexec identity mapping, interrupts off, no usable
 *          GDT or IDT, any stack.
 * Does     switch to the page tables that came with it, because B's do not map A's control page, where
 *          the jump back entry (JBE) lies; takes a stack and a descriptor table of its own.
 * Leaves   to the JBE with 0 in the eight bytes at (%rsp): "there is nobody to jump back to", for A
 *          takes them for the entry point of the system that it came from. A swaps its own pages back
 *          in, this one among them.
 */
	.include "stub.inc"

	stub_header
page_tables:	.quad	0		/* CR3: an identity mapping of all of A's RAM, in A's paging mode */
jump_back_entry: .quad	0

begin:
	cli
	cld
	mov	page_tables(%rip), %rax
	mov	%rax, %cr3
	lea	stack_top(%rip), %rsp
	load_descriptors
	pushq	$0
	jmp	*jump_back_entry(%rip)

	stub_footer
