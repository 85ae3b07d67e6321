/*
 * bios-memory-map: a flat program for real mode. Asks the firmware for the memory map (INT 15h, AX=E820h: ACPI
 * specification 6.5, section 15.1).
 *
 * Entered  by a far call, as docs/physical-mode.md says: %dx = offset of the output, %cx = how many bytes it may have.
 * Leaves   %dx = bytes of output: entries of 20 bytes, each with address, length, type. %ax = 0: that is
 *          all; 1: the firmware has no such service, or failed at the first entry; 2: there is no room for all.
 */
	.set	ENTRY_SIZE, 20
	.set	FUNCTION, 0xe820
	.set	SIGNATURE, 0x534d4150	/* "SMAP" */

	.text
	.code16
	mov	%dx, %bp		/* the start of the output */
	mov	%dx, %di
	add	%dx, %cx
	mov	%cx, %si		/* and its end */
	xor	%ebx, %ebx		/* the first entry */
next:
	lea	ENTRY_SIZE(%di), %ax
	cmp	%si, %ax
	ja	no_room
	mov	$FUNCTION, %eax
	mov	$ENTRY_SIZE, %ecx
	mov	$SIGNATURE, %edx
	push	%bp			/* a firmware may forget itself */
	push	%si
	push	%di
	push	%ds
	push	%es
	int	$0x15
	pop	%es
	pop	%ds
	pop	%di
	pop	%si
	pop	%bp
	jc	failed			/* some say so behind the last entry */
	cmp	$SIGNATURE, %eax
	jne	failed
	add	$ENTRY_SIZE, %di
	test	%ebx, %ebx
	jnz	next
all:
	xor	%ax, %ax
	jmp	done
failed:
	cmp	%bp, %di
	jne	all
	mov	$1, %ax
	jmp	done
no_room:
	mov	$2, %ax
done:
	mov	%di, %dx
	sub	%bp, %dx
	movzx	%dx, %edx
	lret
