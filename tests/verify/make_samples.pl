#!/usr/bin/perl
# Writes the sample messages beside itself: one good message of each form, made from nothing but
# doc/output-grammar.md.
use strict;
use warnings;
use utf8;
use Encode qw(encode_utf8);
use File::Basename qw(dirname);
use MIME::Base64 qw(encode_base64);

my $id  = "00112233445566778899aabbccddeeff";
my $tag = "【無害化】";

sub base64 {
	my $all = encode_base64(encode_utf8($_[0]), "");
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
$samples{"crlf.eml"} = $samples{"multipart.eml"} =~ s/\n/\r\n/gr;

for my $name (sort keys %samples) {
	open my $file, ">:raw", dirname($0) . "/$name" or die "$name: $!\n";
	print $file $samples{$name};
	close $file or die "$name: $!\n";
}
