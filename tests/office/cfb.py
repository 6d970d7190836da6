"""cfb: compound files ([MS-CFB] version 3), written and read: the containers of doc, xls, ppt and of VBA projects."""
import struct

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT, NOTHING = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5
MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")


class Storage(dict):
    """name -> bytes (a stream) or Storage; class_id says whose it is."""

    class_id = bytes(16)


def _padded(content, unit):
    return content + bytes(-len(content) % unit)


class _Entry:
    def __init__(self, name, kind, content=b"", class_id=bytes(16)):
        self.name, self.kind, self.content, self.class_id = name, kind, content, class_id
        self.left = self.right = self.child = NOTHING
        self.start, self.size = (0 if kind == STORAGE else END), len(content)

    def bytes(self):
        name = (self.name + "\0").encode("utf-16-le")
        return struct.pack("<64sHBBIII16sIQQIQ", name, len(name), self.kind, 1, self.left, self.right, self.child,
                           self.class_id, 0, 0, 0, self.start, self.size)


def _entries(storage):
    """All entries, the root first; siblings as a balanced tree in the order that the format asks for."""
    entries = [_Entry("Root Entry", ROOT, class_id=storage.class_id)]

    def place(parent, inside):
        order = sorted(inside, key=lambda name: (len(name), name.upper()))
        numbers = []
        for name in order:
            what = inside[name]
            isdir = isinstance(what, Storage)
            numbers.append(len(entries))
            entries.append(_Entry(name, STORAGE if isdir else STREAM, b"" if isdir else what,
                                  what.class_id if isdir else bytes(16)))
            if isdir:
                place(entries[-1], what)

        def tree(low, high):
            if low >= high:
                return NOTHING
            middle = (low + high) // 2
            entry = entries[numbers[middle]]
            entry.left, entry.right = tree(low, middle), tree(middle + 1, high)
            return numbers[middle]
        parent.child = tree(0, len(numbers))

    place(entries[0], storage)
    return entries


def write(storage):
    entries = _entries(storage)
    mini, mini_fat, sectors, fat = bytearray(), [], bytearray(), []

    def chain(table, count):
        first = len(table)
        table += [first + i + 1 for i in range(count - 1)] + [END]
        return first

    def put(content):
        if not content:
            return END
        blocks = _padded(content, SECTOR)
        sectors.extend(blocks)
        return chain(fat, len(blocks) // SECTOR)

    for entry in entries[1:]:
        if entry.kind != STREAM or not entry.content:
            continue
        if entry.size < CUTOFF:
            blocks = _padded(entry.content, MINI)
            mini += blocks
            entry.start = chain(mini_fat, len(blocks) // MINI)
        else:
            entry.start = put(entry.content)
    entries[0].start, entries[0].size = put(bytes(mini)), len(mini)
    mini_start = put(_padded(struct.pack(f"<{len(mini_fat)}I", *mini_fat), 4)) if mini_fat else END
    mini_count = -(-len(mini_fat) * 4 // SECTOR)
    blank = struct.pack("<64sHBBIII16sIQQIQ", b"", 0, 0, 0, NOTHING, NOTHING, NOTHING, bytes(16), 0, 0, 0, 0, 0)
    table = b"".join(entry.bytes() for entry in entries)
    table += blank * (-len(entries) % (SECTOR // 128))
    directory = put(table)
    count = 1
    while count * (SECTOR // 4) < len(fat) + count:
        count += 1
    first = len(fat)
    fat += [FAT] * count
    fat += [FREE] * (-len(fat) % (SECTOR // 4))
    sectors += struct.pack(f"<{len(fat)}I", *fat)
    header = MAGIC + struct.pack("<16sHHHHH6sIIIIIIIII", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, count, directory, 0, CUTOFF,
                                 mini_start, mini_count, END, 0)
    places = [first + i for i in range(count)]
    assert count <= 109, "too large for this writer"
    return header + struct.pack("<109I", *places, *[FREE] * (109 - count)) + bytes(sectors)


def read(data):
    """What write() wrote, or LibreOffice did (small files: no DIFAT sectors)."""
    assert data[:8] == MAGIC
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    directory, _, cutoff, mini_start = struct.unpack_from("<IIII", data, 48)
    fat = []
    for sector in struct.unpack_from("<109I", data, 76):
        if sector < FAT:
            fat += struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size)

    def follow(start):
        out = bytearray()
        while start < FAT:
            out += data[(start + 1) * size:(start + 2) * size]
            start = fat[start]
        return bytes(out)

    table = follow(directory)
    fields = [struct.unpack_from("<64sHBBIII16sIQQIQ", table, at) for at in range(0, len(table), 128)]
    root = fields[0]
    mini = follow(root[11])
    mini_fat = follow(mini_start)

    def content(start, length):
        if length >= cutoff:
            return follow(start)[:length]
        out = bytearray()
        while start < FAT and len(out) < length:
            out += mini[start * MINI:(start + 1) * MINI]
            start = struct.unpack_from("<I", mini_fat, start * 4)[0]
        return bytes(out[:length])

    def storage(entry):
        found = Storage()
        found.class_id = entry[7]
        todo = [entry[6]]
        while todo:
            number = todo.pop()
            if number == NOTHING:
                continue
            name, length, kind, _, left, right = fields[number][:6]
            name = name[:length - 2].decode("utf-16-le")
            found[name] = storage(fields[number]) if kind == STORAGE else content(fields[number][11],
                                                                                 fields[number][12] & 0xFFFFFFFF)
            todo += [left, right]
        return found

    return storage(root)
