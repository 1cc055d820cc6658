#include "social/regions.hpp"

#include "base/country.hpp"
#include "social/schema.hpp"

namespace vitrine::social {
namespace {

/// `since` is when it was chosen: trends count it a while later. They look at the newest likes.
constexpr std::array<store::Migration, 1> migrations{{{1, R"(
CREATE TABLE account_regions (
  account_id TEXT PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
  region TEXT NOT NULL, since BIGINT NOT NULL);
CREATE INDEX likes_newest ON likes(created_at);
)"}}};

}  // namespace

Result<void> migrate_regions(store::Database& database) { return store::migrate(database, "regions", migrations); }

Result<std::unique_ptr<Regions>> Regions::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Regions>(new Regions(database, clock));
}

Result<std::optional<std::string>> Regions::of_account(std::string_view account) const {
  VT_TRY(const auto rows,
         database_.query("SELECT region FROM account_regions WHERE account_id = $1", {std::string(account)}));
  return rows.empty() ? std::nullopt : std::optional(rows[0].text(0));
}

Result<void> Regions::set(std::string_view account, const std::optional<std::string>& region) {
  if (!region) {
    VT_CHECK(database_.execute("DELETE FROM account_regions WHERE account_id = $1", {std::string(account)}));
    return {};
  }
  if (!is_country(*region))
    return fail(Errc::invalid_argument, "a region is a country: two capital letters of ISO 3166-1, such as \"DE\"");
  VT_CHECK(database_.execute(
      "INSERT INTO account_regions (account_id, region, since) VALUES ($1, $2, $3) ON CONFLICT (account_id) DO UPDATE "
      "SET region = excluded.region, since = excluded.since WHERE account_regions.region <> excluded.region",
      {std::string(account), *region, clock_.now()}));
  return {};
}

}  // namespace vitrine::social
