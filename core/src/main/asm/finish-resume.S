/*
 * finish-resume: from the resume kernel (C) back into the original kernel (A).
 *
 * Entered  from C's relocate_kernel: 64-bit mode, C's kexec identity mapping, interrupts off, no usable
 *          GDT or IDT, any stack. Every page of A is in its place, or parked, or to be zeroed.
 * Does     switch to the page tables that came with it; then carries out the copy list, zeroes the
 *          pages that it copied from and the list itself.
 * Leaves   to the jump back entry (JBE) with 0 in the eight bytes at (%rsp): "there is nobody to jump
 *          back to". A swaps its own pages back in, this one among them.
 *
 * A page of the copy list (org.dormouse.kexec.CopyListPage):
 *      0   u64   physical address of the next page of the list, 0 = this is the last
 *      8   u64   number of entries, at most 170
 *     16   entries of three u64: source address, destination address, number of pages.
 *          Source 0: fill the destination with zeros. Otherwise copy, then fill the source with zeros.
 *
 * No source and no page of the list may be the destination of any entry, and none of them may lie in
 * this stub or its page tables.
 */
	.include "stub.inc"

	.set	PAGE_WORDS, 512
	.set	PAGE_WORDS_SHIFT, 9
	.set	NEXT, 0
	.set	COUNT, 8
	.set	ENTRIES, 16
	.set	ENTRY_SOURCE, 0
	.set	ENTRY_DESTINATION, 8
	.set	ENTRY_PAGES, 16
	.set	ENTRY_SIZE, 24

	stub_header
page_tables:	.quad	0		/* CR3: an identity mapping of all RAM, in A's paging mode */
list_head:	.quad	0		/* the first page of the copy list, 0 = there is nothing to copy */
jump_back_entry: .quad	0

begin:
	cli
	cld
	mov	page_tables(%rip), %rax
	mov	%rax, %cr3
	lea	stack_top(%rip), %rsp
	load_descriptors

	/* %rbx: page of the list, %r8: entries left in it, %r9: the entry */
	mov	list_head(%rip), %rbx
carry_out_page:
	test	%rbx, %rbx
	jz	forget_list
	mov	COUNT(%rbx), %r8
	lea	ENTRIES(%rbx), %r9
carry_out_entry:
	test	%r8, %r8
	jz	page_done
	mov	ENTRY_SOURCE(%r9), %rsi
	mov	ENTRY_DESTINATION(%r9), %rdi
	mov	ENTRY_PAGES(%r9), %rcx
	shl	$PAGE_WORDS_SHIFT, %rcx
	mov	%rcx, %rdx
	test	%rsi, %rsi
	jz	fill_with_zeros
	rep movsq
	mov	ENTRY_SOURCE(%r9), %rdi
	mov	%rdx, %rcx
fill_with_zeros:
	xor	%eax, %eax
	rep stosq
	add	$ENTRY_SIZE, %r9
	dec	%r8
	jmp	carry_out_entry
page_done:
	mov	NEXT(%rbx), %rbx
	jmp	carry_out_page

	/* The list's own pages may be zero in the image, like every page that was parked in. */
forget_list:
	mov	list_head(%rip), %rbx
forget_page:
	test	%rbx, %rbx
	jz	leave
	mov	%rbx, %rdi
	mov	NEXT(%rbx), %rbx
	mov	$PAGE_WORDS, %ecx
	xor	%eax, %eax
	rep stosq
	jmp	forget_page

leave:
	pushq	$0
	jmp	*jump_back_entry(%rip)

	stub_footer
