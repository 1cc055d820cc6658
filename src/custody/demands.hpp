// What authorities demand of the service: taken in, answered, and told to everybody through the log.
//
// Operation: a demand and what the log shall say of it are written in one transaction (outbox.hpp); the log gets it at
// once, or as soon as it is there again, in order. A demand that must not be spoken of yet leaves a commitment and the
// day by which it is opened; its content and salt stay in the service's database until then. An opening that is late
// raises an alarm by itself.
#pragma once
#include <memory>
#include <optional>
#include <set>

#include "custody/entries.hpp"
#include "custody/outbox.hpp"
#include "store/database.hpp"

namespace vitrine::custody {

inline constexpr std::string_view home_zone = "home";
inline constexpr std::int64_t sealed_s_max = 5LL * 366 * 86'400;  ///< from now on; no demand stays sealed for longer
inline constexpr std::size_t demands_listed_max = 1'000;

/// As the service's staff sees it.
struct Demand {
  std::string id;
  std::int64_t bucket_s = 0;
  entry::DemandContent content;
  std::optional<std::int64_t> open_by_s;  ///< none: it never was sealed
  bool sealed = false;                    ///< still
  std::optional<Outcome> outcome;
  std::string reason;
  [[nodiscard]] bool overdue(std::int64_t now_s) const { return sealed && *open_by_s < now_s; }
};

/// Thread-safe.
class Demands {
 public:
  /// `home_countries`: whose authorities may ask for data of the home zone.
  [[nodiscard]] static Result<std::unique_ptr<Demands>> open(store::Database& database, Outbox& outbox,
                                                             const Clock& clock, std::set<std::string> home_countries);

  /// Takes in a demand, sealed until `open_by_s` if that is given. One of another country, or for another zone's data,
  /// is refused at once, in public. Errors: invalid_argument (a text is empty, over its limit or not what it should be;
  /// a time that is past or too far), forbidden (a demand from elsewhere is not sealed: it binds nobody here).
  [[nodiscard]] Result<Demand> take_in(const entry::DemandContent& content, std::optional<std::int64_t> open_by_s);
  /// What became of it; while it is sealed, the log tells the outcome without the reason. Errors: not_found, conflict
  /// (that is said already), invalid_argument (the reason's length).
  [[nodiscard]] Result<Demand> decide(std::string_view id, Outcome outcome, std::string_view reason);
  /// Opens a sealed one: the log gets content and salt, and the reason that was held back. Errors: not_found, conflict
  /// (it is not sealed).
  [[nodiscard]] Result<Demand> unseal(std::string_view id);
  /// The newest demands_listed_max, newest first.
  [[nodiscard]] Result<std::vector<Demand>> list();

  /// Raises an alarm for each opening that has become overdue, once, and gives the log what it has yet to get. To be
  /// called every minute or so. Error: unavailable (the log is away; it is tried again at the next call).
  [[nodiscard]] Result<void> keep_up();

 private:
  Demands(store::Database& database, Outbox& outbox, const Clock& clock, std::set<std::string> home_countries)
      : database_(database), outbox_(outbox), clock_(clock), home_countries_(std::move(home_countries)) {}
  using Change = std::function<Result<void>(store::Session& session, Demand& demand, const crypto::Hash& salt)>;
  [[nodiscard]] Result<Demand> change(std::string_view id, const Change& change);
  [[nodiscard]] std::string_view elsewhere(const entry::DemandContent& content) const;
  [[nodiscard]] std::int64_t bucket() const { return bucket_of(clock_.now()); }

  store::Database& database_;
  Outbox& outbox_;
  const Clock& clock_;
  const std::set<std::string> home_countries_;
};

}  // namespace vitrine::custody
