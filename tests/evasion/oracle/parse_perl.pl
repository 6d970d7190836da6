#!/usr/bin/perl
# The readable text of mails, by MIME::Parser. Paths on stdin, one JSON line each on stdout.
use strict;
use warnings;
use JSON::PP;
use MIME::Base64;
use MIME::Parser;

sub leaves {
	my ($entity) = @_;
	my @parts = $entity->parts;
	return map { leaves($_) } @parts if @parts;
	return () unless $entity->effective_type =~ m{^text/}i && $entity->bodyhandle;
	my $charset = $entity->head->mime_attr('content-type.charset') // '';
	return { charset => "$charset", text => encode_base64($entity->bodyhandle->as_string, '') };
}

$| = 1;
while (my $path = <STDIN>) {
	chomp $path;
	my $parser = MIME::Parser->new;
	$parser->output_to_core(1);
	$parser->tmp_to_core(1);
	$parser->max_parts(6000);
	my @texts = eval { leaves($parser->parse_open($path)) };
	warn "$path: $@" if $@;
	print JSON::PP->new->ascii->encode(\@texts), "\n";
}
