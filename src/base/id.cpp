#include "base/id.hpp"

#include <array>

#include "base/crypto.hpp"
#include "base/result.hpp"

namespace vitrine {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

}  // namespace

std::string make_id(TimeMs now, std::span<const unsigned char, id_length - id_time_length> random) {
  VT_ASSERT(now >= 0 && now < (TimeMs{1} << 48));
  std::string id(id_length, '0');
  for (std::size_t i = id_time_length; i-- > 0; now >>= 5) id[i] = alphabet[static_cast<std::size_t>(now & 31)];
  for (std::size_t i = 0; i < random.size(); ++i) id[id_time_length + i] = alphabet[random[i] & 31];
  return id;
}

std::string new_id(TimeMs now) {
  std::array<unsigned char, id_length - id_time_length> random;
  crypto::random(random);
  return make_id(now, random);
}

bool is_id(std::string_view text) {
  return text.size() == id_length && text[0] <= '7' && text.find_first_not_of(alphabet) == std::string_view::npos;
}

TimeMs id_time(std::string_view id) {
  TimeMs time = 0;
  for (char digit : id.substr(0, id_time_length)) time = (time << 5) | static_cast<TimeMs>(alphabet.find(digit));
  return time;
}

}  // namespace vitrine
