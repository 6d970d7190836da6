#!/usr/bin/env -S python3 -B
"""The readable text of mails, by Python's email package. Paths on stdin, one JSON line each on stdout."""
import base64
import email
import email.policy
import json
import sys


def texts(path):
	with open(path, "rb") as file:
		message = email.message_from_binary_file(file, policy=email.policy.compat32)
	for part in message.walk():
		if part.is_multipart() or part.get_content_maintype() != "text":
			continue
		payload = part.get_payload(decode=True)
		charset = part.get_param("charset") or ""
		if isinstance(charset, tuple):
			charset = charset[2]
		yield {"charset": str(charset), "text": base64.b64encode(payload or b"").decode()}


for line in sys.stdin:
	try:
		answer = list(texts(line.rstrip("\n")))
	except Exception as error:  # whatever a parser throws at a broken mail: it found nothing
		answer = []
		print(f"{line.strip()}: {type(error).__name__}", file=sys.stderr)
	print(json.dumps(answer), flush=True)
