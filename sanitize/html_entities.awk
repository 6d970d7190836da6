# html_entities.tsv (name TAB code points in hexadecimal, 13.5) -> html_entities_table.h: a static trie.
# A node's children stand side by side, in the order of their characters: one descends without pointers.

function hex(text, i, value)
{
	value = 0
	for (i = 1; i <= length(text); i++)
		value = value * 16 + index("0123456789ABCDEF", substr(text, i, 1)) - 1
	return value
}

function octet(value)
{
	return sprintf("\\%03o", value)
}

function utf8(cp)
{
	if (cp < 128)
		return octet(cp)
	if (cp < 2048)
		return octet(192 + int(cp / 64)) octet(128 + cp % 64)
	if (cp < 65536)
		return octet(224 + int(cp / 4096)) octet(128 + int(cp / 64) % 64) octet(128 + cp % 64)
	return octet(240 + int(cp / 262144)) octet(128 + int(cp / 4096) % 64) octet(128 + int(cp / 64) % 64) \
		octet(128 + cp % 64)
}

function text_of(codes, parts, n, i, text)
{
	text = ""
	n = split(codes, parts, " ")
	for (i = 1; i <= n; i++)
		text = text utf8(hex(parts[i]))
	return text
}

BEGIN {
	FS = "\t"
	n_texts = 0
	texts[0] = ""
}

NF != 2 || $1 !~ /^[A-Za-z][A-Za-z0-9]*;?$/ || $2 !~ /^[0-9A-F]+( [0-9A-F]+)?$/ {
	print "html_entities.awk: line " NR " is malformed" > "/dev/stderr"
	failed = 1
	exit 1
}

{
	if (!($2 in text_number)) {
		text_number[$2] = ++n_texts
		texts[n_texts] = text_of($2)
	}
	text_at[$1] = text_number[$2]
	for (i = 1; i <= length($1); i++) {
		prefix = substr($1, 1, i)
		if (!(prefix in known)) {
			known[prefix] = 1
			below[substr($1, 1, i - 1)] = below[substr($1, 1, i - 1)] substr($1, i, 1)
		}
	}
}

END {
	if (failed)
		exit 1
	print "/* Made by html_entities.awk from html_entities.tsv; do not edit. */"
	print "static const char entity_texts[][8] = {"
	for (i = 0; i <= n_texts; i++)
		print "\t\"" texts[i] "\","
	print "};\n"
	print "/* { character, number of children, the first of them, what it means (0: nothing) } */"
	print "static const EntityNode entity_nodes[] = {"
	names[0] = ""
	n_nodes = 1
	for (i = 0; i < n_nodes; i++) {
		name = names[i]
		children = below[name]
		printf "\t{ %s, %d, %d, %d },\n", i ? "'" substr(name, length(name)) "'" : "0", length(children), \
			children == "" ? 0 : n_nodes, text_at[name]
		for (k = 1; k <= length(children); k++)
			names[n_nodes++] = name substr(children, k, 1)
	}
	print "};"
}
