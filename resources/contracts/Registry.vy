# pragma version 0.4.3
# pragma evm-version prague
# pragma optimize gas
"""
@title Colophon registry of works
@license Apache-2.0
@notice Dates hiding commitments to works, and checks that whoever registers one knows what is inside.
@dev A commitment is C = m*G0 + k*G1 + r*H on BLS12-381 G1, in the 128-byte encoding of EIP-2537. The proof
     is a Schnorr proof of the opening (m, k, r) in compact form (challenge, responses), under a Keccak
     suite. Records are keyed by registrant and commitment, so that copying one out of the mempool blocks
     nobody; the sender is part of the challenge, so that a copied proof is refused.
     No owner, no upgrade, no fee, no call to any contract but the precompile.
"""


event Registered:
    registrant: indexed(address)
    commitment_id: indexed(bytes32)
    commitment: Bytes[128]
    uri_hash: bytes32
    proved: bool


event Transferred:
    registrant: indexed(address)
    commitment_id: indexed(bytes32)
    previous_holder: address
    holder: address


struct Registration:
    commitment: Bytes[128]  # the commitment C (EIP-2537 encoding)
    challenge: uint256  # the challenge c, 0 < c < group order
    responses: uint256[3]  # (s_m, s_k, s_r), each below the group order
    uri_hash: bytes32  # keccak256 of the address of a public description, or zero


struct Anchoring:
    commitment: Bytes[128]
    uri_hash: bytes32


MAX_WORKS: constant(uint256) = 32

SUITE: constant(bytes32) = keccak256("colophon/v1/register/keccak256/bls12381")

# RFC 9380 hash-to-curve, BLS12381G1_XMD:SHA-256_SSWU_RO_, messages "G0", "G1" and "H",
# DST "COLOPHON-V01-GENERATORS-BLS12381G1_XMD:SHA-256_SSWU_RO_": nobody knows a relation between them.
G0: constant(Bytes[128]) = x"0000000000000000000000000000000012fd5ec586b730e0e497abb0afcaae528274555ae3bd53a56e0f06614639c766c4447a35877f9ec9b0648c72b63847a800000000000000000000000000000000122277cb52d4224f790d26bec1f1918abcf0ee5ea185e4ac5e7644faecb049e9d152c170b278b495dfc2d2c1ea4976e1"
G1: constant(Bytes[128]) = x"0000000000000000000000000000000007126d1879772cf37ffc01a4eb4efb3993c695924a4aa2131574b92f2787656e9e8c73fe22d24b6144637c90d00f3675000000000000000000000000000000000477020bbb8c6ca6a52373238eaa0594e0d9adcd34fa3dfaafd364603d132c10de1dc41df7ba46bdb097cb0003f25f23"
H: constant(Bytes[128]) = x"000000000000000000000000000000000a220599f8b51ab7f3972635191dfbb07f200c791713806b328285942e89735282148254e7f8dfc9db7aab062a278149000000000000000000000000000000000e4dba05d71e25ef6088ff9552bf32b3f071f6b4a5893b5c11029e5f12057cb988e7651f14df4f915c42deb96399730f"

# Order of the group G1.
ORDER: constant(uint256) = 52435875175126190479447740508185965837690552500527637822603658699938581184513

# The field prime in two words, as EIP-2537 writes a coordinate.
PRIME_HIGH: constant(uint256) = 34565483545414906068789196026815425751
PRIME_LOW: constant(uint256) = 45442060874369865957053122457065728162598490762543039060009208264153100167851

# EIP-2537 G1MSM: sum of scalar * point; it refuses points off the curve or outside the prime-order group.
G1MSM: constant(address) = 0x000000000000000000000000000000000000000C

# registrant -> commitment id -> holder (160 bits) | registered_at << 160 (64 bits) | proved << 224
_records: HashMap[address, HashMap[bytes32, uint256]]


@external
def register(commitment: Bytes[128], challenge: uint256, responses: uint256[3], uri_hash: bytes32):
    """
    @notice Register a work under the sender's name, with a proof that the sender can open the commitment.
    @dev Checks T = s_m*G0 + s_k*G1 + s_r*H - c*C and c = keccak256(suite, chain id, this contract, sender,
         G0, G1, H, C, T) mod the group order.
    @param commitment The commitment C, 128 bytes (EIP-2537 encoding).
    @param challenge The challenge c, 0 < c < group order.
    @param responses The responses (s_m, s_k, s_r), each below the group order.
    @param uri_hash keccak256 of the address of a public description, or zero.
    """
    self._register(commitment, challenge, responses, uri_hash)


@external
def register_many(works: DynArray[Registration, MAX_WORKS]):
    """
    @notice `register` for up to 32 works, such as an album: all of them or none.
    @param works Each commitment with its own proof.
    """
    assert len(works) != 0, "no works"
    for work: Registration in works:
        self._register(work.commitment, work.challenge, work.responses, work.uri_hash)


@external
def anchor(commitment: Bytes[128], uri_hash: bytes32):
    """
    @notice Register a work without a proof on chain, for networks without the BLS12-381 precompile.
    @dev Checks the encoding only. Whether C is a group element and who can open it is shown off chain.
    @param commitment The commitment C, 128 bytes (EIP-2537 encoding).
    @param uri_hash keccak256 of the address of a public description, or zero.
    """
    self._check_encoding(commitment)
    self._write(commitment, uri_hash, False)


@external
def anchor_many(works: DynArray[Anchoring, MAX_WORKS]):
    """
    @notice `anchor` for up to 32 works: all of them or none.
    @param works The commitments.
    """
    assert len(works) != 0, "no works"
    for work: Anchoring in works:
        self._check_encoding(work.commitment)
        self._write(work.commitment, work.uri_hash, False)


@external
def transfer(commitment_id: bytes32, to: address, registrant: address = msg.sender):
    """
    @notice Pass a record on. Who registered it, and when, stays as it is.
    @param commitment_id keccak256 of the 128-byte commitment.
    @param to The new holder.
    @param registrant Who registered the record; the sender if left out.
    """
    packed: uint256 = self._records[registrant][commitment_id]
    previous_holder: address = self._holder(packed)
    assert packed != 0, "no such record"
    assert previous_holder == msg.sender, "not the holder"
    assert to != empty(address), "zero address"

    self._records[registrant][commitment_id] = ((packed >> 160) << 160) | convert(to, uint256)
    log Transferred(
        registrant=registrant, commitment_id=commitment_id, previous_holder=previous_holder, holder=to
    )


@external
@view
def record(registrant: address, commitment_id: bytes32) -> (address, uint64, bool):
    """
    @notice Look a record up.
    @param registrant Who registered it.
    @param commitment_id keccak256 of the 128-byte commitment.
    @return The holder (zero: no such record), the Unix time of registration in seconds, and whether the
            proof was checked on chain.
    """
    packed: uint256 = self._records[registrant][commitment_id]
    return (
        self._holder(packed),
        convert((packed >> 160) & convert(max_value(uint64), uint256), uint64),
        packed >> 224 != 0,
    )


@internal
@pure
def _holder(packed: uint256) -> address:
    return convert(packed & convert(max_value(uint160), uint256), address)


@internal
@pure
def _check_encoding(commitment: Bytes[128]):
    """
    @dev 128 bytes, both coordinates below the field prime, not the identity (all zeros). One point then has
         exactly one encoding, hence one commitment id.
    """
    assert len(commitment) == 128, "not 128 bytes"
    any_bit: uint256 = 0
    for i: uint256 in range(2):
        high: uint256 = convert(extract32(commitment, 64 * i), uint256)
        low: uint256 = convert(extract32(commitment, 64 * i + 32), uint256)
        assert high < PRIME_HIGH or (high == PRIME_HIGH and low < PRIME_LOW), "coordinate out of range"
        any_bit |= high | low
    assert any_bit != 0, "identity element"


@internal
def _register(commitment: Bytes[128], challenge: uint256, responses: uint256[3], uri_hash: bytes32):
    self._check_encoding(commitment)
    assert challenge != 0 and challenge < ORDER, "scalar out of range"
    for response: uint256 in responses:
        assert response < ORDER, "scalar out of range"

    success: bool = False
    image: Bytes[128] = b""
    success, image = raw_call(
        G1MSM,
        concat(
            G0, convert(responses[0], bytes32),
            G1, convert(responses[1], bytes32),
            H, convert(responses[2], bytes32),
            commitment, convert(ORDER - challenge, bytes32),
        ),
        max_outsize=128,
        is_static_call=True,
        revert_on_failure=False,
    )
    assert success, "not a group element"
    # Where the precompile is missing the call succeeds and returns nothing.
    assert len(image) == 128, "no BLS12-381 precompile"

    digest: bytes32 = keccak256(
        concat(
            SUITE,
            convert(chain.id, bytes32),
            convert(self, bytes20),
            convert(msg.sender, bytes20),
            G0, G1, H, commitment, image,
        )
    )
    assert convert(digest, uint256) % ORDER == challenge, "proof refused"

    self._write(commitment, uri_hash, True)


@internal
def _write(commitment: Bytes[128], uri_hash: bytes32, proved: bool):
    commitment_id: bytes32 = keccak256(commitment)
    assert self._records[msg.sender][commitment_id] == 0, "already registered"
    self._records[msg.sender][commitment_id] = (
        convert(msg.sender, uint256) | (block.timestamp << 160) | (convert(proved, uint256) << 224)
    )
    log Registered(
        registrant=msg.sender,
        commitment_id=commitment_id,
        commitment=commitment,
        uri_hash=uri_hash,
        proved=proved,
    )
