.code64
hlt
