#!/usr/bin/perl
# Writes charset_0213.c to standard output: JIS X 0213:2004 as the EUC-JISX0213 converter of glibc has it (2.36),
# asked at the time of writing, so that the program needs no converter more. Rows that hold JIS X 0208 alone are left
# out. charset_0213.c is committed as it comes.
use strict;
use warnings;
use IPC::Open2;

my @rows = ((map { [1, $_] } 1 .. 15, 47, 84 .. 94), (map { [2, $_] } 1, 3 .. 5, 8, 12 .. 15, 78 .. 94));

# The cells of one row; a code that the converter does not know leaves an empty line.
sub cells {
	my ($plane, $row) = @_;
	my $pid = open2(my $out, my $in, "iconv", "-c", "-f", "EUC-JISX0213", "-t", "UTF-8");
	print $in(($plane == 2 ? "\x8f" : "") . pack("CC", 0xA0 + $row, 0xA0 + $_) . "\n") for 1 .. 94;
	close $in;
	binmode $out, ":encoding(UTF-8)";
	my @cells = map { chomp; $_ } <$out>;
	waitpid $pid, 0;
	die "row $plane-$row has " . @cells . " cells\n" unless @cells == 94;
	return @cells;
}

# Two code points are stored as one number, which is above U+10FFFF.
sub number {
	my @codes = map { ord } split //, $_[0];
	return @codes == 2 ? $codes[0] << 16 | $codes[1] : $codes[0] // 0;
}

print <<"END";
/* Written by charset_0213_gen.pl from the EUC-JISX0213 converter of glibc; do not edit. */
#include "charset_priv.h"

enum { PLANES = 2, KUTEN = 94 };

/* clang-format off */
static const uint32_t cells[][KUTEN] = {
END
my %places;
for (@rows) {
	my ($plane, $row) = @$_;
	my @numbers = map { sprintf "0x%04x,", number($_) } cells($plane, $row);
	$places{"$plane-$row"} = 1 + keys %places;
	print "\t{\n\t\t/* $plane-$row */\n";
	print "\t\t" . join(" ", splice(@numbers, 0, 10)) . "\n" while @numbers;
	print "\t},\n";
}
print <<"END";
};

/* The place of each row above, counted from 1; 0 = not there. */
static const uint8_t places[PLANES][KUTEN] = {
END
for my $plane (1, 2) {
	print "\t{ " . join(", ", map { $places{"$plane-$_"} // 0 } 1 .. 94) . " },\n";
}
print <<"END";
};
/* clang-format on */

uint32_t charset_kuten_0213(unsigned plane, unsigned row, unsigned cell)
{
	if (plane < 1 || plane > PLANES || row < 1 || row > KUTEN || cell < 1 || cell > KUTEN)
		return 0;
	unsigned place = places[plane - 1][row - 1];
	return place > 0 ? cells[place - 1][cell - 1] : 0;
}
END
