#include "base/domain.hpp"

#include <array>
#include <memory>
#include <unicode/uidna.h>

namespace vitrine {
namespace {

constexpr std::size_t domain_bytes_max = 253;

}  // namespace

Result<std::string> ascii_domain(std::string_view name) {
  const auto wrong = [] { return fail(Errc::invalid_argument, "this is no domain such as ministry.example"); };
  if (name.empty() || name.size() > domain_bytes_max) return wrong();
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UIDNA, decltype(&uidna_close)> idna(
      uidna_openUTS46(UIDNA_USE_STD3_RULES | UIDNA_NONTRANSITIONAL_TO_ASCII, &status), &uidna_close);
  std::array<char, 4 * domain_bytes_max> ascii{};
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  const auto length = uidna_nameToASCII_UTF8(idna.get(), name.data(), static_cast<std::int32_t>(name.size()),
                                             ascii.data(), static_cast<std::int32_t>(ascii.size()), &info, &status);
  if (U_FAILURE(status) || info.errors != 0) return wrong();
  std::string_view out(ascii.data(), static_cast<std::size_t>(length));
  if (out.ends_with('.')) out.remove_suffix(1);
  if (out.empty() || out.size() > domain_bytes_max) return wrong();
  return std::string(out);
}

bool is_domain_or_below(std::string_view name, std::string_view domain) {
  if (!name.ends_with(domain)) return false;
  return name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
}

}  // namespace vitrine
