/*
 * dispatch: from the original kernel (A) into one of several kernels that it has loaded together.
 *
 * A can only jump to the address that lay at 0(%rsp) when it was last come back to. So whoever goes back to A lets it
 * find the address of this page there, and where A goes the next time stands in A's own memory, in the switch table
 * (org.dormouse.mailbox.SwitchTable).
 *
 * Entered  by `call` from the end of A's relocate_kernel, after A has swapped all the kernels' pages in: 64-bit mode, A's
 *          kexec identity mapping, which maps all of RAM, interrupts off, no usable GDT or IDT. 0(%rsp) is the jump back
 *          entry (JBE).
 * Does     write the JBE into the switch table, for the kernels that go back without having been entered from A.
 * Leaves   to the destination that stands in the switch table, everything as it was: `enter-saver` of a kernel that has
 *          still to start, or `reenter` of the jump-back with which one has left.
 */
	.include "stub.inc"

	.set	JUMP_BACK_ENTRY, 16	/* in the table's first page: SwitchTable */
	.set	DESTINATION, 24

	stub_header
table:		.quad	0		/* the address of the table's first page */

begin:
	cli
	cld
	mov	(%rsp), %rax
	mov	table(%rip), %rdx
	mov	%rax, JUMP_BACK_ENTRY(%rdx)
	jmp	*DESTINATION(%rdx)

	.org	STUB_SIZE
