#!/usr/bin/perl
# Writes the sample messages beside itself: one good message of each form, made from nothing but
# doc/output-grammar.md.
use strict;
use warnings;
use utf8;
use Encode qw(encode_utf8);
use File::Basename qw(dirname);
use MIME::Base64 qw(encode_base64);
use Compress::Zlib qw(compress);

my $id  = "00112233445566778899aabbccddeeff";
my $tag = "【無害化】";

sub base64 { base64_bytes(encode_utf8($_[0])) }

sub base64_bytes {
	my $all = encode_base64($_[0], "");
	return join("", map { "$_\n" } $all =~ /.{1,76}/g);
}

sub word { "=?UTF-8?B?" . encode_base64(encode_utf8($_[0]), "") . "?=" }

sub name {
	my $bytes = encode_utf8($_[0]);
	$bytes =~ s/([^A-Za-z0-9._-])/sprintf("%%%02X", ord($1))/ge;
	return " filename*=UTF-8''$bytes\n" if length($bytes) <= 60;
	my @pieces;
	push @pieces, $1 while $bytes =~ s/^((?:%..|[^%]){1,20})(?=.|$)//;
	my $n = -1;
	return join(";\n", map { $n++; " filename*$n*=" . ($n ? "" : "UTF-8''") . $_ } @pieces) . "\n";
}

sub text {
	my ($head, $body, @foot) = @_;
	my @lines = ((map { $tag . $_ } @$head), (@$head ? "" : ()), @$body, (@$body ? "" : ()));
	push @lines, "${tag}----- " . @foot . " -----", map { $tag . $_ } @foot;
	return join("", map { "$_\r\n" } @lines);
}

sub stream { "<<$_[1]/Length " . length($_[0]) . ($_[2] // "") . ">>\nstream\n$_[0]\nendstream" }

# Codes in the order of first use.
sub coded {
	my ($codes, $text) = @_;
	my $hex = "";
	for my $character (split(//, $text)) {
		$codes->{$character} = 1 + keys(%$codes) if !exists $codes->{$character};
		$hex .= sprintf("%04x", $codes->{$character});
	}
	return $hex;
}

sub utf16 { unpack("H*", Encode::encode("UTF-16BE", $_[0])) }

sub to_unicode {
	my $codes = $_[0];
	my @lines = map { sprintf("<%04x><%s>\n", $codes->{$_}, utf16($_)) } sort { $codes->{$a} <=> $codes->{$b} } keys(%$codes);
	my $map   = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
	    . "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n/CMapName/MugaiText def\n/CMapType 2 def\n"
	    . "1 begincodespacerange\n<0000><ffff>\nendcodespacerange\n";
	while (my @block = splice(@lines, 0, 100)) {
		$map .= @block . " beginbfchar\n" . join("", @block) . "endbfchar\n";
	}
	return "${map}endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend";
}

sub file_bytes {
	open my $file, "<:raw", "$_[0]" or die "$_[0]: $!\n";
	local $/;
	return <$file>;
}

# Of a page of black and white with two runs, and a small one of a palette.
sub image_pdf {
	my %codes;
	my $text = "BT\n3 Tr\n"
	    . "/F 12 Tf 100 Tz 1 0 0 1 72 700.25 Tm <" . coded(\%codes, "防災訓練") . "> Tj\n"
	    . "/F 10.5 Tf 98.5 Tz 0 -1 1 0 500 700 Tm <" . coded(\%codes, "訓練の要領①𠮷") . "> Tj\nET\n";
	my $image  = "/Type/XObject/Subtype/Image";
	my @bodies = (
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Count 2/Kids[3 0 R 6 0 R]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.276 841.89]/Resources<</XObject<</P 5 0 R>>/Font<</F 9 0 R>>>>"
		    . "/Contents 4 0 R>>",
		stream("q 595.276 0 0 841.89 0 0 cm /P Do Q\n$text", ""),
		stream(compress(("\xff" x 75 . "\xaa" x 75) x 425),
			"$image/Width 600/Height 850/ColorSpace /DeviceGray/BitsPerComponent 1/Filter/FlateDecode"),
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 14.4 7.2]/Resources<</XObject<</P 8 0 R>>>>/Contents 7 0 R>>",
		stream("q 14.4 0 0 7.2 0 0 cm /P Do Q\n", ""),
		stream(compress("\x01\x20\x12\x00"),
			"$image/Width 3/Height 2/ColorSpace [/Indexed/DeviceRGB 2<000000c00000ffffff>]/BitsPerComponent 4/Filter/FlateDecode"),
		"<</Type/Font/Subtype/Type0/BaseFont/MugaiText/Encoding/Identity-H/DescendantFonts[10 0 R]/ToUnicode 13 0 R>>",
		"<</Type/Font/Subtype/CIDFontType2/BaseFont/MugaiText/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
		    . "/Supplement 0>>/FontDescriptor 11 0 R/DW 500/CIDToGIDMap 14 0 R>>",
		"<</Type/FontDescriptor/FontName/MugaiText/Flags 4/FontBBox[0 0 500 1000]/ItalicAngle 0/Ascent 1000/Descent -1"
		    . "/CapHeight 1000/StemV 80/FontFile2 12 0 R>>",
	);
	my $font = file_bytes(dirname($0) . "/glyphless.ttf");
	push @bodies, stream($font, "", "/Length1 " . length($font)), stream(to_unicode(\%codes), ""),
	    stream(pack("n*", 0, (1) x keys(%codes)), "");
	my ($pdf, $xref) = ("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n", "0000000000 65535 f \n");
	for my $n (1 .. @bodies) {
		$xref .= sprintf("%010d 00000 n \n", length($pdf));
		$pdf  .= "$n 0 obj\n$bodies[$n - 1]\nendobj\n";
	}
	my $start = length($pdf);
	my $size  = @bodies + 1;
	return "${pdf}xref\n0 $size\n${xref}trailer\n<</Size $size/Root 1 0 R>>\nstartxref\n$start\n%%EOF\n";
}

my $least = <<"END";
Date: Fri, 20 Nov 2026 10:00:00 +0900
From: gateway\@example.lg.jp
Message-ID: <m1\@example.lg.jp>
END
my $marks = <<"END";
X-Mugai-Id: $id
X-Mugai-Hops: 1
X-Mugai-Policy: municipal-standard; version=0123456789abcdef
X-Mugai-Result: deliver; parts=3; removed=1; converted=2
MIME-Version: 1.0
END
my $single = <<"END";
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: base64

END
my $multipart = "Content-Type: multipart/mixed;\n boundary=\"=_mugai_$id\"\n\n";
my $next      = "--=_mugai_$id\n";
my $words     = join("\n ", word("令和８年度 第三回"), word("防災訓練のご案内"));
my $yamada    = word("山田 太郎");
my $full      = <<"END";
Received: from san.example.lg.jp (san.example.lg.jp [192.0.2.25])
	by mail.example.lg.jp (Postfix) with ESMTPS id 4XyZ12
	for <tanaka\@example.lg.jp>; Fri, 20 Nov 2026 10:00:03 +0900 (JST)
Return-Path: <yamada\@example.com>
Delivered-To: tanaka\@example.lg.jp
X-Original-To: tanaka\@example.lg.jp
Date: Fri, 20 Nov 2026 10:00:00 +0900
From: $yamada <yamada\@example.com>
Sender: office\@example.com
Reply-To: "bosai..desk"\@example.com, desk\@[192.0.2.1]
To: Tanaka Hanako <tanaka\@example.lg.jp>
Cc: undisclosed-recipients:;
Subject: $words
Message-ID: <20261120.1\@example.com>
In-Reply-To: <20261119.7\@example.com>
References: <20261118.2\@example.com> <20261119.7\@[IPv6:2001:db8::1]>
Auto-Submitted: no
List-Id: Bosai <bosai.example.com>
Importance: normal
$marks
END
$full =~ s/\n\n\z/\n/;

my @head = ("このメールは無害化されています。");
my @foot = ("添付「請求書.xls」を削除しました(理由: 変換できない形式)。", "原本の番号: 7K3F-99QD");
my @body = (
	"田中様", "",
	"> 前回の資料は https://example.com/bosai?id=12 にあります。",
	"葛\x{E0100}城市 防災担当 \x{1F469}\x{200D}\x{1F692} です。", "①㈱髙島 ｶﾅ",
	"\x{5E9}\x{5DC}\x{5D5}\x{5DD} \x{2067}abc\x{2069}\x{200F}", "",
	"begin では始まらない行",
);
my $clean = text(\@head, \@body, @foot);

my %samples = (
	"minimal.eml"     => $least . $marks . $single . base64(text([], [], "本文はありません。")),
	"full.eml"        => $full . $single . base64($clean),
	"notice-only.eml" => $least . $marks =~ s/deliver/notice-only/r . $single . base64(text([], [], @foot)),
	"multipart.eml"   => $full . $multipart . $next . $single . base64($clean)
	    . join("", map {
			my $type = $single =~ s/\n\n\z/\n/r;
			$next . $type . "Content-Disposition: attachment;\n" . name($_) . "\n" . base64("議事録\r\n\r\n以上\r\n")
		} "memo.txt", "議事録.txt", "令和八年度第三回防災訓練実施要領および参加者名簿(案).txt")
	    . "--=_mugai_$id--\n",
);
$samples{"image-pdf.eml"} =
    $full . $multipart . $next . $single . base64($clean) . $next . "Content-Type: application/pdf\n"
    . "Content-Transfer-Encoding: base64\nContent-Disposition: attachment;\n" . name("防災訓練.pdf") . "\n"
    . base64_bytes(image_pdf()) . "--=_mugai_$id--\n";
$samples{"crlf.eml"} = $samples{"multipart.eml"} =~ s/\n/\r\n/gr;

for my $name (sort keys %samples) {
	open my $file, ">:raw", dirname($0) . "/$name" or die "$name: $!\n";
	print $file $samples{$name};
	close $file or die "$name: $!\n";
}
