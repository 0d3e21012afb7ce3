# pragma version 0.4.3
# pragma evm-version prague
# pragma optimize gas
"""
@title AES-256 in counter mode
@license Apache-2.0
@notice Decrypts one piece of a sale package on chain, which only a complaint to KeyEscrow needs.
@dev FIPS 197 with the usual table: for each byte s = SubBytes(x) the column (2s, s, s, 3s) of MixColumns, twice in
     64 bits, so that a rotated column is a shift. Counter blocks are numbers, big-endian in 16 bytes (NIST SP
     800-38A).
"""

PIECE: constant(uint256) = 1024
WORDS: constant(uint256) = 32  # of 32 bytes in a piece; each has two blocks
ROUNDS: constant(uint256) = 14
SCHEDULE: constant(uint256) = 60
LOW_32: constant(uint256) = 2**32 - 1

# FIPS 197, 5.1.1: SubBytes of 0 to 255, 32 in each word.
SBOX: constant(bytes32[8]) = [
    0x637c777bf26b6fc53001672bfed7ab76ca82c97dfa5947f0add4a2af9ca472c0,
    0xb7fd9326363ff7cc34a5e5f171d8311504c723c31896059a071280e2eb27b275,
    0x09832c1a1b6e5aa0523bd6b329e32f8453d100ed20fcb15b6acbbe394a4c58cf,
    0xd0efaafb434d338545f9027f503c9fa851a3408f929d38f5bcb6da2110fff3d2,
    0xcd0c13ec5f974417c4a77e3d645d197360814fdc222a908846eeb814de5e0bdb,
    0xe0323a0a4906245cc2d3ac629195e479e7c8376d8dd54ea96c56f4ea657aae08,
    0xba78252e1ca6b4c6e8dd741f4bbd8b8a703eb5664803f60e613557b986c11d9e,
    0xe1f8981169d98e949b1e87e9ce5528df8ca1890dbfe6426841992d0fb054bb16,
]


@internal
@pure
def crypt(key: bytes32, first: uint256, piece: Bytes[PIECE]) -> Bytes[PIECE]:
    """
    @notice Encrypt or decrypt, which is the same.
    @param key The AES-256 key.
    @param first The number of the first counter block, below 2**96.
    @param piece Up to 1024 bytes.
    @return As many bytes.
    """
    columns: uint256[256] = empty(uint256[256])
    rows: bytes32[8] = SBOX
    for row: uint256 in range(8):
        packed: uint256 = convert(rows[row], uint256)
        for place: uint256 in range(32):
            s: uint256 = (packed >> (248 - 8 * place)) & 255
            double: uint256 = (s << 1) ^ ((s >> 7) * 283)  # x^8 + x^4 + x^3 + x + 1
            column: uint256 = (double << 24) | (s << 16) | (s << 8) | (double ^ s)
            columns[32 * row + place] = (column << 32) | column

    # FIPS 197, 5.2: the key schedule.
    schedule: uint256[SCHEDULE] = empty(uint256[SCHEDULE])
    for i: uint256 in range(8):
        schedule[i] = (convert(key, uint256) >> (224 - 32 * i)) & LOW_32
    round_constant: uint256 = 1 << 24
    for i: uint256 in range(8, SCHEDULE):
        word: uint256 = schedule[i - 1]
        if i % 4 == 0:
            # SubBytes stands in the middle of a column.
            word = (
                ((columns[word >> 24] & 65_280) << 16)
                | ((columns[(word >> 16) & 255] & 65_280) << 8)
                | (columns[(word >> 8) & 255] & 65_280)
                | ((columns[word & 255] & 65_280) >> 8)
            )
        if i % 8 == 0:
            # RotWord and SubWord commute.
            word = (((word << 8) | (word >> 24)) & LOW_32) ^ round_constant
            round_constant = round_constant << 1
        schedule[i] = schedule[i - 8] ^ word

    padded: Bytes[PIECE + 32] = concat(piece, empty(bytes32))
    out: uint256[WORDS] = empty(uint256[WORDS])
    for place: uint256 in range(WORDS):
        if 32 * place >= len(piece):
            break
        word: uint256 = convert(extract32(padded, 32 * place), uint256)
        for half: uint256 in range(2):
            number: uint256 = first + 2 * place + half
            a: uint256 = schedule[0]
            b: uint256 = ((number >> 64) & LOW_32) ^ schedule[1]
            c: uint256 = ((number >> 32) & LOW_32) ^ schedule[2]
            d: uint256 = (number & LOW_32) ^ schedule[3]
            at: uint256 = 4
            for turn: uint256 in range(ROUNDS - 1):
                e: uint256 = (
                    columns[a >> 24]
                    ^ (columns[(b >> 16) & 255] >> 8)
                    ^ (columns[(c >> 8) & 255] >> 16)
                    ^ (columns[d & 255] >> 24)
                    ^ schedule[at]
                ) & LOW_32
                f: uint256 = (
                    columns[b >> 24]
                    ^ (columns[(c >> 16) & 255] >> 8)
                    ^ (columns[(d >> 8) & 255] >> 16)
                    ^ (columns[a & 255] >> 24)
                    ^ schedule[at + 1]
                ) & LOW_32
                g: uint256 = (
                    columns[c >> 24]
                    ^ (columns[(d >> 16) & 255] >> 8)
                    ^ (columns[(a >> 8) & 255] >> 16)
                    ^ (columns[b & 255] >> 24)
                    ^ schedule[at + 2]
                ) & LOW_32
                d = (
                    columns[d >> 24]
                    ^ (columns[(a >> 16) & 255] >> 8)
                    ^ (columns[(b >> 8) & 255] >> 16)
                    ^ (columns[c & 255] >> 24)
                    ^ schedule[at + 3]
                ) & LOW_32
                a = e
                b = f
                c = g
                at += 4
            # The last round has no MixColumns.
            stream: uint256 = (
                (
                    ((columns[a >> 24] & 65_280) << 112)
                    | ((columns[(b >> 16) & 255] & 65_280) << 104)
                    | ((columns[(c >> 8) & 255] & 65_280) << 96)
                    | ((columns[d & 255] & 65_280) << 88)
                    | ((columns[b >> 24] & 65_280) << 80)
                    | ((columns[(c >> 16) & 255] & 65_280) << 72)
                    | ((columns[(d >> 8) & 255] & 65_280) << 64)
                    | ((columns[a & 255] & 65_280) << 56)
                    | ((columns[c >> 24] & 65_280) << 48)
                    | ((columns[(d >> 16) & 255] & 65_280) << 40)
                    | ((columns[(a >> 8) & 255] & 65_280) << 32)
                    | ((columns[b & 255] & 65_280) << 24)
                    | ((columns[d >> 24] & 65_280) << 16)
                    | ((columns[(a >> 16) & 255] & 65_280) << 8)
                    | (columns[(b >> 8) & 255] & 65_280)
                    | ((columns[c & 255] & 65_280) >> 8)
                )
                ^ (schedule[56] << 96)
                ^ (schedule[57] << 64)
                ^ (schedule[58] << 32)
                ^ schedule[59]
            )
            word ^= stream << (128 * (1 - half))
        out[place] = word
    return slice(abi_encode(out), 0, len(piece))
