/* echo_crc32c.c
 * CRC-32C by the processor's instruction where there is one, else eight octets at a time by tables.
 *
 * All numbers here are powers of x modulo the Castagnoli polynomial, written with the coefficient of
 * x^31 in bit 0, as RFC 3720 12.1 wants them sent.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "echo_crc32c.h"

#include <stdbool.h>
#include <string.h>

/* by tables ---------------------------------------------------------------------------------- */

/* A table says what an octet becomes when some octets have followed it. That is linear in the
 * octet's bits, so a table's 256 entries come from eight: those of 1, 2, 4 … 128. */
#define ENTRY(octet, b0, b1, b2, b3, b4, b5, b6, b7)                                 \
    (((octet)&1 ? (b0) : 0U) ^ ((octet)&2 ? (b1) : 0U) ^ ((octet)&4 ? (b2) : 0U) ^   \
     ((octet)&8 ? (b3) : 0U) ^ ((octet)&16 ? (b4) : 0U) ^ ((octet)&32 ? (b5) : 0U) ^ \
     ((octet)&64 ? (b6) : 0U) ^ ((octet)&128 ? (b7) : 0U))
#define ENTRIES_4(octet, ...)                                                                    \
    ENTRY(octet, __VA_ARGS__), ENTRY((octet) + 1, __VA_ARGS__), ENTRY((octet) + 2, __VA_ARGS__), \
        ENTRY((octet) + 3, __VA_ARGS__)
#define ENTRIES_16(octet, ...)                                          \
    ENTRIES_4(octet, __VA_ARGS__), ENTRIES_4((octet) + 4, __VA_ARGS__), \
        ENTRIES_4((octet) + 8, __VA_ARGS__), ENTRIES_4((octet) + 12, __VA_ARGS__)
#define ENTRIES_64(octet, ...)                                             \
    ENTRIES_16(octet, __VA_ARGS__), ENTRIES_16((octet) + 16, __VA_ARGS__), \
        ENTRIES_16((octet) + 32, __VA_ARGS__), ENTRIES_16((octet) + 48, __VA_ARGS__)
#define TABLE(...)                                                                             \
    {                                                                                          \
        ENTRIES_64(0, __VA_ARGS__), ENTRIES_64(64, __VA_ARGS__), ENTRIES_64(128, __VA_ARGS__), \
            ENTRIES_64(192, __VA_ARGS__)                                                       \
    }

/* table[k]: k octets have followed. From the last number of the first line, x^32, the exponent
 * rises by one: to the left within a line, then on from the line below. */
static const uint32_t table[8][256] = {
    TABLE(0xF26B8303, 0xE13B70F7, 0xC79A971F, 0x8AD958CF, 0x105EC76F, 0x20BD8EDE, 0x417B1DBC,
          0x82F63B78),
    TABLE(0x13A29877, 0x274530EE, 0x4E8A61DC, 0x9D14C3B8, 0x3FC5F181, 0x7F8BE302, 0xFF17C604,
          0xFBC3FAF9),
    TABLE(0xA541927E, 0x4F6F520D, 0x9EDEA41A, 0x38513EC5, 0x70A27D8A, 0xE144FB14, 0xC76580D9,
          0x8B277743),
    TABLE(0xDD45AAB8, 0xBF672381, 0x7B2231F3, 0xF64463E6, 0xE964B13D, 0xD725148B, 0xABA65FE7,
          0x52A0C93F),
    TABLE(0x38116FAC, 0x7022DF58, 0xE045BEB0, 0xC5670B91, 0x8F2261D3, 0x1BA8B557, 0x37516AAE,
          0x6EA2D55C),
    TABLE(0xEF306B19, 0xDB8CA0C3, 0xB2F53777, 0x6006181F, 0xC00C303E, 0x85F4168D, 0x0E045BEB,
          0x1C08B7D6),
    TABLE(0x68032CC8, 0xD0065990, 0xA5E0C5D1, 0x4E2DFD53, 0x9C5BFAA6, 0x3D5B83BD, 0x7AB7077A,
          0xF56E0EF4),
    TABLE(0x493C7D27, 0x9278FA4E, 0x211D826D, 0x423B04DA, 0x847609B4, 0x0D006599, 0x1A00CB32,
          0x34019664),
};

static inline uint32_t little_endian(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

uint32_t echo_crc32c_portable(uint32_t crc, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    crc = ~crc;
    for (; size >= 8; at += 8, size -= 8) {
        uint32_t low = little_endian(at) ^ crc;
        uint32_t high = little_endian(at + 4);

        crc = table[7][low & 0xFF] ^ table[6][low >> 8 & 0xFF] ^ table[5][low >> 16 & 0xFF] ^
              table[4][low >> 24] ^ table[3][high & 0xFF] ^ table[2][high >> 8 & 0xFF] ^
              table[1][high >> 16 & 0xFF] ^ table[0][high >> 24];
    }
    for (; size > 0; at++, size--)
        crc = crc >> 8 ^ table[0][(crc ^ *at) & 0xFF];
    return ~crc;
}

/* by instruction ----------------------------------------------------------------------------- */

#if defined(__x86_64__)
#include <nmmintrin.h>
#include <wmmintrin.h>

#define HARDWARE_NAME "sse4.2"
#define HARDWARE      __attribute__((target("sse4.2,pclmul")))

static bool has_hardware(void)
{
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
}

static inline uint64_t load(const uint8_t *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

/* What a checksum becomes when octets follow it, given `power`: x^(8 octets - 33). The product of
 * two numbers in this order of bits is one power too high, and the instruction adds 32. */
HARDWARE static inline uint64_t move_up(uint64_t crc, uint32_t power)
{
    __m128i product =
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)crc), _mm_cvtsi32_si128((int)power), 0);

    return _mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

/* The instruction takes three cycles and can begin in each: three strings side by side take as long
 * as one. Their lengths are equal, so that the checksums can be put together with two constants. */
HARDWARE static inline uint64_t three_at_once(uint64_t crc, const uint8_t *at, size_t length,
                                              uint32_t power_2, uint32_t power_1)
{
    uint64_t second = 0, third = 0;

    for (size_t i = 0; i < length; i += 8) {
        crc = _mm_crc32_u64(crc, load(at + i));
        second = _mm_crc32_u64(second, load(at + length + i));
        third = _mm_crc32_u64(third, load(at + 2 * length + i));
    }
    return move_up(crc, power_2) ^ move_up(second, power_1) ^ third;
}

HARDWARE static uint32_t by_hardware(uint32_t before, const uint8_t *at, size_t size)
{
    const size_t many = 1024, some = 128;
    uint64_t crc = (uint32_t)~before;

    for (; size >= 3 * many; at += 3 * many, size -= 3 * many)
        crc = three_at_once(crc, at, many, 0xA51B6135, 0x170076FA);
    for (; size >= 3 * some; at += 3 * some, size -= 3 * some)
        crc = three_at_once(crc, at, some, 0xB9E02B86, 0x0D3B6092);
    for (; size >= 8; at += 8, size -= 8)
        crc = _mm_crc32_u64(crc, load(at));
    for (; size > 0; at++, size--)
        crc = _mm_crc32_u8((uint32_t)crc, *at);
    return ~(uint32_t)crc;
}

#elif defined(__aarch64__) && defined(__linux__) && defined(__BYTE_ORDER__) && \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include <sys/auxv.h>
#include <asm/hwcap.h>

#define HARDWARE_NAME "armv8"
#if defined(__clang__)
#define HARDWARE __attribute__((target("crc")))
#define CRC_8    __builtin_arm_crc32cd
#define CRC_1    __builtin_arm_crc32cb
#else
#define HARDWARE __attribute__((target("+crc")))
#define CRC_8    __builtin_aarch64_crc32cx
#define CRC_1    __builtin_aarch64_crc32cb
#endif

static bool has_hardware(void)
{
    return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
}

HARDWARE static uint32_t by_hardware(uint32_t before, const uint8_t *at, size_t size)
{
    uint32_t crc = ~before;

    for (; size >= 8; at += 8, size -= 8) {
        uint64_t word;

        memcpy(&word, at, sizeof word);
        crc = CRC_8(crc, word);
    }
    for (; size > 0; at++, size--)
        crc = CRC_1(crc, *at);
    return ~crc;
}

#else
#define HARDWARE_NAME "portable"

static bool has_hardware(void)
{
    return false;
}

static uint32_t by_hardware(uint32_t before, const uint8_t *at, size_t size)
{
    return echo_crc32c_portable(before, at, size);
}
#endif

uint32_t echo_crc32c(uint32_t crc, const void *bytes, size_t size)
{
    return has_hardware() ? by_hardware(crc, bytes, size) : echo_crc32c_portable(crc, bytes, size);
}

const char *echo_crc32c_by(void)
{
    return has_hardware() ? HARDWARE_NAME : "portable";
}
