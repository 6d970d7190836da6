// url.mjs PROGRAM CORPUS: is our scheme, host, port and path that of the URL parser of node (WHATWG)?
//
// Links that are made of pieces by a fixed seed, and those of the HTML in CORPUS, with a base and without one. Where both
// read a web address, all of it must be equal; where node refuses one, ours must be none or flagged. What differs falls into
// the classes below, each with its reason; the rest is a failure. No network, no files but those of CORPUS.
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const CASES = 200000;
const SHOWN = 20;
const BASES = ["", "", "http://base.example/dir/doc?q#f", "https://user@base.example:8443/a/b/"];

// ---- links ------------------------------------------------------------------------------------------------

let state = 20240229;
function random(n) { // xorshift32
	state ^= state << 13;
	state ^= state >>> 17;
	state ^= state << 5;
	return (state >>> 0) % n;
}
const pick = list => list[random(list.length)];

const PIECES = {
	scheme: ["http:", "https:", "http:", "https:", "HTTP:", "ftp:", "java\nscript:", "javascript:", "data:", "mailto:", "tel:",
		"file:", "x+y-z.1:", "ht\ttp:", "https", "", "", "blob:", "view-source:", "1http:", "vbscript:", "c:"],
	slashes: ["//", "//", "//", "/", "", "\\\\", "/\\", "///", "//\\/", "\t//", "/\n/"],
	user: ["", "", "", "", "u@", "bank.example@", "u:p@", "@", "a@b@", "bank.example%2f@", ":@", "日@"],
	host: ["a.example", "EVIL.example", "www.bank.co.jp", "192.0.2.1", "3221225985", "0xC0000201", "0300.0.2.1", "192.513",
		"1.2.3.4.5", "256.1.1.1", "0x", "0x.1", "1.2.3.", "1..2", "09.1.1.1", "４２.0.0.1", "[::1]", "[2001:DB8::1]", "[::ffff:1.2.3.4]",
		"[1:2:3:4:5:6:7:8]", "[::1%25eth0]", "[x]", "[::1", "ｅｖｉｌ．example", "evil。example", "evil｡example", "日本語.jp",
		"xn--wgv71a119e.jp", "XN--WGV71A119E.JP", "bücher.example", "faß.example", "аpple.com", "россия.рф", "☃.example", "%65vil.example",
		"%E6%97%A5.jp", "a%2fb", "a%00b", "%zz.example", "a b", "a_b.example", "-a-.example", "a..b", ".a", "a.", "a.example.", "",
		"a<b", "a^b", "a|b", "a,b.example", "ev\u00adil.example", "a\u200db.example", "क्\u200dष.example", "xn--", "xn--a", "xn--zzzzzzzz99",
		"İ.example", "ſ.example", "㎏.example", "①.example", "٣.example", "مثال.example", "א1.example", "1א.example", "a\u0301.example",
		"\u0301a.example", "ß.example", "ς.example", "한국.example", "a‐b.example", "🐟.example", "ⓐ.example", "x".repeat(70) + ".example"],
	port: ["", "", "", "", ":80", ":443", ":8080", ":", ":0", ":00080", ":65535", ":65536", ":8x", ":-1", ":８０"],
	path: ["", "/", "/x", "/a/../b", "/./a", "/%2e%2E/x", "/a//b", "\\x\\..\\y", "/日本", "/a b", "/\"<>`{}|^", "/%zz%41", "/a/..", "/..", "/x/.",
		"/'", "/\u202e", "/a\tb", "/;p", "/~", "/[x]", "/\\\\"],
	query: ["", "", "", "?", "?q", "?a=b&c", "?日", "?<>\"'`{}|^", "?a b", "?x?y", "?\\", "?%"],
	fragment: ["", "", "", "#", "#f", "#日", "#<>\"'`{}|^", "#a#b", "#a b"],
	odd: ["\t", "\n", "\r", " ", "\u0001", "\u001f", "\u007f", "\u00a0", "\u3000", "/", "\\", "@", ":", "%", ".", "。", "#", "?", "[", "]", "\u200b", "Ａ"],
};

function generated() {
	let link = Object.keys(PIECES).filter(name => name !== "odd").map(name => pick(PIECES[name])).join("");
	for (let n = pick([0, 0, 0, 1, 1, 2]); n > 0; n--) {
		const at = random(link.length + 1);
		link = link.slice(0, at) + pick(PIECES.odd) + link.slice(at);
	}
	return link.isWellFormed?.() ?? !/[\ud800-\udfff]/.test(link.replace(/[\ud800-\udbff][\udc00-\udfff]/g, "")) ? link : "";
}

function* files(path) {
	if (!statSync(path).isDirectory()) {
		yield path;
		return;
	}
	for (const name of readdirSync(path).sort())
		yield* files(join(path, name));
}

// As they stand, for want of a tokenizer that is not ours: entities and transfer encodings make more odd links.
function corpus(directory) {
	const links = new Set();
	for (const file of files(directory))
		for (const [, a, b, c] of readFileSync(file, "utf8").matchAll(/(?:href|src|action)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))/gi))
			links.add((a ?? b ?? c).replaceAll("\0", "").replaceAll("\x1f", ""));
	return [...links];
}

// ---- theirs and ours -----------------------------------------------------------------------------------------

function theirs(link, base) {
	try {
		return new URL(link, base || undefined);
	} catch {
		return null;
	}
}

function ours(program, cases) {
	const input = cases.map(({ link, base }) => link.replaceAll("\0", "") + "\x1f" + base + "\0").join("");
	const done = spawnSync(program, { input, maxBuffer: 1 << 30 });
	if (done.status !== 0)
		throw new Error(`${program}: ${done.status ?? done.signal ?? done.error}`);
	return done.stdout.toString().split("\n").slice(0, -1).map(line => {
		const [kind, scheme, host, flags, url] = line.split("\t");
		return { kind, scheme, host, flagged: flags === "flagged", url };
	});
}

// ---- differences ------------------------------------------------------------------------------------------------

const WEB = ["http:", "https:", "ftp:"];
const strip = link => link.replace(/[\t\n\r]/g, "").replace(/^[\0- ]+|[\0- ]+$/g, "");
// Without a user's name, as we write it. Signs that the standard leaves in a path or fragment and we escape, so that no mail
// reader ends the link there.
const written = url => {
	const copy = new URL(url);
	copy.username = copy.password = "";
	return copy.href.replace(/["<>`{}]/g, c => "%" + c.charCodeAt(0).toString(16).toUpperCase());
};

// [name, reason, does it hold?]: the first that holds.
const CLASSES = [
	["relative", "a mail has no address of its own: without a base only the text is shown",
		(link, base, node, own) => own.kind === "none" && node === null],
	["same document", "a link to a place in the mail leads nowhere",
		(link, base, node, own) => own.kind === "none" && /^(https?:|ftp:)?(#|$)/i.test(strip(link))],
	["no document", "`//host` without a base is read as https, and flagged",
		(link, base, node, own) => node === null && own.kind === "web" && own.flagged && /^[/\\]{2}/.test(strip(link))],
	["refused by browsers", "no link for a browser, but one for another program maybe: shown, and flagged",
		(link, base, node, own) => node === null && own.kind === "web" && own.flagged],
	["other schemes", "refused, whatever stands behind",
		(link, base, node, own) => own.kind === "refused" && (node === null || node.protocol.startsWith(own.scheme))],
	["long labels", "no name of the DNS has a label of more than 63 letters: of one that is to be mapped only an escaped form is shown, flagged",
		(link, base, node, own) => own.kind === "web" && own.flagged && own.host.includes("%") && /[^.]{64}/.test(node?.hostname)],
	["signs in hosts", "that browsers let pass and no host has: shown escaped, flagged",
		(link, base, node, own) => own.kind === "web" && own.flagged && own.host.includes("%") && /["`{}]/.test(node?.hostname)],
	["node's dots", "a `..` behind a segment that begins with a dot, which some versions of node leave in the path against the standard",
		(link, base, node, own) => own.kind === "web" && own.host === node?.hostname && /\/\.[^/]*\/\.\.$/.test(node.pathname)],
	["mail and telephone", "an address or number, or none, of its own rules",
		(link, base, node, own) => /^(mailto|tel):/i.test(strip(link)) && ["none", "mail", "tel", "refused"].includes(own.kind)],
];

function agrees(node, own) {
	if (node === null || !WEB.includes(node.protocol) || own.kind !== "web")
		return false;
	const url = own.url.endsWith("…") ? null : own.url;
	return own.scheme + ":" === node.protocol && own.host === node.hostname && (url === null || url === written(node.href));
}

const [, , program, directory] = process.argv;
const cases = corpus(directory).flatMap(link => BASES.slice(1).map(base => ({ link, base })));
const real = cases.length;
while (cases.length < real + CASES)
	cases.push({ link: generated().replaceAll("\x1f", "\x1e"), base: pick(BASES) });
const answers = ours(program, cases);
if (answers.length !== cases.length)
	throw new Error(`${cases.length} links, ${answers.length} answers`);

const counts = new Map([["equal", 0], ...CLASSES.map(([name]) => [name, 0])]);
const failures = [];
cases.forEach(({ link, base }, i) => {
	const node = theirs(link, base), own = answers[i];
	const name = agrees(node, own) ? "equal" : CLASSES.find(([, , holds]) => holds(link, base, node, own))?.[0];
	if (name === undefined)
		failures.push(`${JSON.stringify(link)} with ${base || "no base"}: ${node?.href ?? "refused"}, ours ${JSON.stringify(own)}`);
	else
		counts.set(name, counts.get(name) + 1);
});
for (const [name, count] of counts)
	console.log(`${String(count).padStart(7)}  ${name}${CLASSES.filter(c => c[0] === name).map(c => ": " + c[1]).join("")}`);
console.log(`${String(failures.length).padStart(7)}  different, of ${real} in the corpus and ${CASES} generated`);
failures.slice(0, SHOWN).forEach(failure => console.log(failure));
process.exit(failures.length > 0 ? 1 : 0);
