#include "custody/shares.hpp"

#include <memory>

extern "C" {
#include <libgfshare.h>
}

namespace vitrine::custody {
namespace {

/// Where the coefficients of the calling thread's next sharing come from: the library asks a global function.
class Coefficients {
 public:
  explicit Coefficients(const crypto::Hash* seed) : seed_(seed) { current = this; }
  ~Coefficients() { current = nullptr; }
  Coefficients(const Coefficients&) = delete;
  Coefficients& operator=(const Coefficients&) = delete;

  void fill(std::span<unsigned char> out) {
    if (!seed_) return crypto::random(out);
    // HMAC in counter mode: as many pseudo-random bytes as are asked for.
    for (std::size_t at = 0; at < out.size(); at += std::tuple_size_v<crypto::Hash>) {
      const auto block = crypto::hmac_sha256(*seed_, crypto::bytes_of(fmt::format("coefficients {}", counter_++)));
      const auto count = std::min(block.size(), out.size() - at);
      std::copy_n(block.begin(), count, out.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }

  /// The library also overwrites with it what it frees.
  static void fill_current(unsigned char* out, unsigned int count) {
    current ? current->fill({out, count}) : crypto::random({out, count});
  }

 private:
  static thread_local Coefficients* current;
  const crypto::Hash* seed_;  ///< null: random
  int counter_ = 0;
};

thread_local Coefficients* Coefficients::current = nullptr;

using Context = std::unique_ptr<gfshare_ctx, void (*)(gfshare_ctx*)>;

void use_our_coefficients() {
  static const bool done = [] {
    gfshare_fill_rand = &Coefficients::fill_current;
    return true;
  }();
  (void)done;
}

std::array<unsigned char, shares_max> numbers_up_to(int count) {
  std::array<unsigned char, shares_max> out{};
  for (int i = 0; i < count; ++i) out[static_cast<std::size_t>(i)] = static_cast<unsigned char>(i + 1);
  return out;
}

std::map<int, Share> share(const crypto::Hash& secret, int count, int threshold, const crypto::Hash* seed) {
  VT_ASSERT(threshold >= 1 && threshold <= count && count <= shares_max);
  use_our_coefficients();
  Coefficients coefficients(seed);
  auto numbers = numbers_up_to(count);
  const Context context(
      gfshare_ctx_init_enc(numbers.data(), static_cast<unsigned>(count), static_cast<unsigned char>(threshold),
                           static_cast<unsigned>(secret.size())),
      gfshare_ctx_free);
  VT_ASSERT(context != nullptr);
  auto copy = secret;
  gfshare_ctx_enc_setsecret(context.get(), copy.data());
  crypto::wipe(copy);
  std::map<int, Share> out;
  for (int i = 0; i < count; ++i)
    gfshare_ctx_enc_getshare(context.get(), static_cast<unsigned char>(i), out[i + 1].data());
  return out;
}

}  // namespace

std::map<int, Share> split_key(const crypto::Hash& key, int count, int threshold) {
  return share(key, count, threshold, nullptr);
}

Result<crypto::Hash> join_key(const std::map<int, Share>& parts) {
  if (parts.empty() || parts.begin()->first < 1 || parts.rbegin()->first > shares_max)
    return fail(Errc::invalid_argument, "parts of a key have the numbers 1 to {}", shares_max);
  use_our_coefficients();
  std::vector<unsigned char> numbers;
  for (const auto& [number, part] : parts) numbers.push_back(static_cast<unsigned char>(number));
  const Context context(gfshare_ctx_init_dec(numbers.data(), static_cast<unsigned>(numbers.size()), sizeof(Share)),
                        gfshare_ctx_free);
  VT_ASSERT(context != nullptr);
  for (unsigned char i = 0; const auto& [number, part] : parts) {
    auto copy = part;
    gfshare_ctx_dec_giveshare(context.get(), i++, copy.data());
    crypto::wipe(copy);
  }
  crypto::Hash key;
  gfshare_ctx_dec_extract(context.get(), key.data());
  return key;
}

Share share_of_zero(const crypto::Hash& seed, int number, int threshold) {
  VT_ASSERT(number >= 1 && number <= shares_max);
  // As many numbers as there may be: a part depends on its own number alone.
  return share(crypto::Hash{}, shares_max, threshold, &seed).at(number);
}

Share add(const Share& a, const Share& b) {
  Share out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = a[i] ^ b[i];
  return out;
}

}  // namespace vitrine::custody
