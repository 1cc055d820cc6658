// Logarithm, exponential and what is made of them, the same bits on every machine: the C library's may differ from one
// version to the next, and a page must be recomputed bit for bit elsewhere. Built with -ffp-contract=off.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>

namespace vitrine::feed {

/// log2(x) for normal x > 0, to about 1e-5.
[[nodiscard]] inline float log2_of(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  // The mantissa is moved into [sqrt(1/2), sqrt(2)), where the series below is short.
  const std::uint32_t shifted = bits - 0x3f3504f3u;
  const auto exponent = static_cast<float>(static_cast<std::int32_t>(shifted) >> 23);
  const float mantissa = std::bit_cast<float>((shifted & 0x007fffffu) + 0x3f3504f3u);
  // log2(m) = 2/ln 2 * artanh((m - 1) / (m + 1))
  const float t = (mantissa - 1.0F) / (mantissa + 1.0F);
  const float square = t * t;
  return exponent + t * (2.885390082F + square * (0.961796694F + square * (0.577078016F + square * 0.412198583F)));
}

[[nodiscard]] inline float log_of(float x) { return log2_of(x) * 0.693147181F; }

/// 2^x, to about 1e-6 of it; x is held to [-126, 126].
[[nodiscard]] inline float exp2_of(float x) {
  x = std::clamp(x, -126.0F, 126.0F);
  const float below = x < 0 ? x - 1.0F : x;
  const auto whole = static_cast<std::int32_t>(below);
  const float rest = x - static_cast<float>(whole);  // [0, 1]
  const float power =
      1.0F + rest * (0.693147181F +
                     rest * (0.240226507F +
                             rest * (0.0555041087F +
                                     rest * (0.00961812911F + rest * (0.00133335581F + rest * 0.000154035304F)))));
  return power * std::bit_cast<float>(static_cast<std::uint32_t>(whole + 127) << 23);
}

/// 1 / (1 + e^-x).
[[nodiscard]] inline float sigmoid(float x) { return 1.0F / (1.0F + exp2_of(x * -1.442695041F)); }

/// ln(p / (1 - p)), p in (0, 1).
[[nodiscard]] inline float log_odds(float p) { return log_of(p / (1.0F - p)); }

}  // namespace vitrine::feed
