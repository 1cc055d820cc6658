// Decayed rates, portable randomness and hashing: arithmetic whose result is the same bits on every machine
// (only + - * / and sqrt, which IEEE 754 fixes exactly).
#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace vitrine::feed {

/// 2^(-minutes / 2^half_life_log2), for a half-life of up to 2^15 minutes.
class Decay {
 public:
  explicit Decay(int half_life_log2) : log2_(half_life_log2) {
    double step = 0.5;
    for (int bit = 0; bit < half_life_log2; ++bit) step = std::sqrt(step);
    fill(fine_, step);
    fill(coarse_, fine_.back() * step);
  }
  [[nodiscard]] double operator()(std::int64_t minutes) const {
    if (minutes <= 0) return 1;
    const auto whole = static_cast<std::uint64_t>(minutes) >> log2_;
    if (whole >= 64) return 0;
    const auto rest = static_cast<std::uint64_t>(minutes) & ((1ULL << log2_) - 1);
    return fine_[rest % places] * coarse_[rest / places] / static_cast<double>(1ULL << whole);
  }

 private:
  static constexpr std::size_t places = 256;
  static void fill(std::array<double, places>& powers, double step) {
    powers[0] = 1;
    for (std::size_t i = 1; i < places; ++i) powers[i] = powers[i - 1] * step;
  }
  int log2_;
  std::array<double, places> fine_{}, coarse_{};
};

/// Good outcomes out of all, older ones fading.
struct Rate {
  float good = 0;
  float total = 0;
  std::int32_t at = 0;

  void fade(const Decay& decay, std::int64_t now) {
    if (now <= at) return;
    const double factor = decay(now - at);
    good = static_cast<float>(good * factor);
    total = static_cast<float>(total * factor);
    at = static_cast<std::int32_t>(now);
  }
  void add(const Decay& decay, std::int64_t now, double outcome, double weight) {
    fade(decay, now);
    good += static_cast<float>(outcome * weight);
    total += static_cast<float>(weight);
  }
  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self) {
    archive(self.good, self.total, self.at);
  }
  [[nodiscard]] double evidence(const Decay& decay, std::int64_t now) const { return total * decay(now - at); }
  /// The mean, drawn towards `prior` as if that had been seen `strength` times.
  [[nodiscard]] double mean(const Decay& decay, std::int64_t now, double prior, double strength) const {
    const double factor = decay(now - at);
    return (good * factor + prior * strength) / (total * factor + strength);
  }
};

/// Mixes 64 bits so that each of the result depends on all of the input.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93ULL;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93ULL;
  x ^= x >> 32;
  return x;
}

/// A stream of random numbers that a seed determines.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(seed) {}
  constexpr std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15ULL); }
  /// In [0, bound); 0 for bound 0. The bias is below 2^-32 for what it is used for.
  constexpr std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : (next() >> 11) % bound; }
  /// In [0, 1).
  constexpr double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// Mean 0, deviation 1, near enough to a normal distribution, bounded by ±3.5.
  constexpr double bell() { return (uniform() + uniform() + uniform() + uniform() - 2) * 1.7320508075688772; }

 private:
  std::uint64_t state_;
};

/// The same for the same text on every machine (FNV-1a, mixed).
[[nodiscard]] constexpr std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix(hash) + 0x9e3779b97f4a7c15ULL;
}

}  // namespace vitrine::feed
