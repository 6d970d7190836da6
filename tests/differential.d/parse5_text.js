// parse5_text: the same frames as html_text_frames, through parse5. An answer is JSON with the texts that a browser
// shows of the tree, but for what a text has no place for:
//   tree     in the order of the tree
//   source   in the order of the source, which is another where a table cannot hold a text
//   signs    ... with all that is in <rp>
//   arrived  ... what could be seen when it was read, whatever became of it later
'use strict';
const fs = require('fs');
const parse5 = require('parse5');

const { defaultTreeAdapter, html } = parse5;
// facts/text.md, R9; in sanitize/html_element.c, HTML_IS_DROPPED.
const unseen = new Set(['script', 'style', 'template', 'title', 'iframe', 'noembed', 'noframes', 'audio', 'video',
	'canvas', 'datalist', 'rp']);

function isUnseen(node) {
	if (node.namespaceURI !== html.NS.HTML)
		return node.namespaceURI !== undefined;
	return unseen.has(node.tagName) || node.attrs.some(({ name }) => name === 'hidden');
}

// What hangs nowhere, as a <body> that gave way to a <frameset> or the inside of a <template>, is not seen.
function isSeen(node, signs = false) {
	let seen = true;
	for (; node.parentNode; node = node.parentNode)
		seen = (seen && !isUnseen(node)) || (signs && node.tagName === 'rp');
	return seen && node.nodeName === '#document';
}

function altOf(node) {
	if (node.tagName !== 'img' || node.namespaceURI !== html.NS.HTML || isUnseen(node))
		return '';
	return node.attrs.find(({ name }) => name === 'alt')?.value ?? '';
}

// Every text as it comes, with the node that takes it, which may move later.
function recorder() {
	const record = [];
	const pictures = new Set();
	const note = (node, text) => record.push({ node, text, seen: isSeen(node) });
	const notePicture = (node) => {
		if (altOf(node) !== '' && !pictures.has(node))
			note(node, altOf(node));
		pictures.add(node);
	};
	const adapter = {
		...defaultTreeAdapter,
		insertText(parent, text) {
			defaultTreeAdapter.insertText(parent, text);
			note(parent.childNodes.at(-1), text);
		},
		insertTextBefore(parent, text, reference) {
			defaultTreeAdapter.insertTextBefore(parent, text, reference);
			note(parent.childNodes[parent.childNodes.indexOf(reference) - 1], text);
		},
		appendChild(parent, child) {
			defaultTreeAdapter.appendChild(parent, child);
			notePicture(child);
		},
		insertBefore(parent, child, reference) {
			defaultTreeAdapter.insertBefore(parent, child, reference);
			notePicture(child);
		},
	};
	return { record, adapter };
}

function inTreeOrder(document) {
	const out = [];
	const stack = [document];
	while (stack.length > 0) {
		const node = stack.pop();
		if (node.nodeName === '#text')
			out.push(node.value);
		if (isUnseen(node))
			continue;
		out.push(altOf(node));
		for (let i = (node.childNodes?.length ?? 0) - 1; i >= 0; i--)
			stack.push(node.childNodes[i]);
	}
	return out.join('');
}

function answer(source) {
	const { record, adapter } = recorder();
	const document = parse5.parse(source, { treeAdapter: adapter, scriptingEnabled: false });
	const root = document.childNodes.find(({ tagName }) => tagName === 'html');
	const texts = (wanted) => record.filter(wanted).map(({ text }) => text).join('');
	return {
		tree: inTreeOrder(document),
		source: texts(({ node }) => isSeen(node)),
		signs: texts(({ node }) => isSeen(node, true)),
		arrived: texts(({ seen }) => seen),
		frameset: root.childNodes.some(({ tagName }) => tagName === 'frameset'),
	};
}

const input = fs.readFileSync(0);
const out = [];
for (let at = 0; at < input.length;) {
	const end = input.indexOf(10, at);
	const bytes = Number(input.subarray(at, end).toString('latin1'));
	at = end + 1 + bytes;
	const frame = Buffer.from(JSON.stringify(answer(input.subarray(end + 1, at).toString('utf8'))));
	out.push(Buffer.from(`${frame.length}\n`), frame);
}
fs.writeFileSync(1, Buffer.concat(out));
