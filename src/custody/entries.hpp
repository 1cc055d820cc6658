// What the service and its roles say in the public log: how each entry is spelt, and how it is read again. An entry is
// one line of canonical JSON; docs/formats/custody.md has every member. Pure functions, thread-safe.
#pragma once
#include <variant>

#include "custody/opening.hpp"

namespace vitrine::custody {

/// What became of a demand.
enum class Outcome { refused, partly, complied };
[[nodiscard]] std::string_view name(Outcome outcome);
/// Error: invalid_argument.
[[nodiscard]] Result<Outcome> outcome_of(std::string_view name);

namespace entry {

// In bytes of UTF-8; an entry with a longer text is not understood.
inline constexpr std::size_t word_bytes_max = 64;
inline constexpr std::size_t authority_bytes_max = 800;
inline constexpr std::size_t sentence_bytes_max = 2'000;
inline constexpr std::size_t content_bytes_max = 8'000;
inline constexpr std::size_t country_letters = 2;  ///< ISO 3166 alpha-2

/// Fields were opened: one for a person, or a machine's batch. access_entry() spells it.
struct Opened {
  std::int64_t bucket_s = 0;
  bool batch = false;
  std::int64_t count = 1;
  std::string purpose, data_class, data_zone, reader;
  std::string nonce;  ///< tells it from all others
};

/// Somebody asked for a field and was refused.
struct Refused {
  std::int64_t bucket_s = 0;
  std::string purpose, data_class, reader, reason;
};

struct Joined {
  std::int64_t bucket_s = 0;
  Member member;
  [[nodiscard]] std::string text() const;
};

struct Left {
  std::int64_t bucket_s = 0;
  std::string member;
  [[nodiscard]] std::string text() const;
};

/// Rules were announced.
struct Announced {
  std::int64_t bucket_s = 0;
  std::string hash;  ///< base64
  [[nodiscard]] std::string text() const;
};

struct Erased {
  std::int64_t bucket_s = 0;
  std::vector<std::string> records;  ///< by erased_name
  [[nodiscard]] std::string text() const;
};

/// What a demand is about.
struct DemandContent {
  std::string authority, basis, data_class;
  std::string country;                     ///< ISO 3166 alpha-2
  std::string zone;                        ///< whose data it asks for
  [[nodiscard]] std::string text() const;  ///< canonical JSON: what a sealed demand commits itself to
  bool operator==(const DemandContent&) const = default;
};
/// Error: invalid_argument.
[[nodiscard]] Result<DemandContent> read_demand_content(std::string_view text);
/// SHA-256(salt ‖ content).
[[nodiscard]] crypto::Hash commitment_to(const crypto::Hash& salt, std::string_view content);

/// An authority demands data.
struct Demand {
  std::int64_t bucket_s = 0;
  std::string id;
  DemandContent content;
  [[nodiscard]] std::string text() const;
};

/// An authority demands data and forbids to speak of it: that it did is public now, the rest by a date.
struct SealedDemand {
  std::int64_t bucket_s = 0;
  std::string id;
  crypto::Hash commitment{};
  std::int64_t open_by_s = 0;
  [[nodiscard]] std::string text() const;
};

/// What became of a demand. While that is sealed, the reason is empty.
struct Disclosed {
  std::int64_t bucket_s = 0;
  std::string demand;
  Outcome outcome = Outcome::refused;
  std::string reason;
  [[nodiscard]] std::string text() const;
};

/// A sealed demand is opened. Whether it is what was sealed, commitment_to() tells.
struct Unsealed {
  std::int64_t bucket_s = 0;
  std::string demand;
  std::string content;
  crypto::Hash salt{};
  [[nodiscard]] std::string text() const;
};

/// Something went wrong that everybody should know of.
struct Alarm {
  std::int64_t bucket_s = 0;
  std::string about;  ///< a demand's id, or a word
  std::string message;
  [[nodiscard]] std::string text() const;
};

/// Looked for data kept longer than promised, and how many pieces there were.
struct Retention {
  std::int64_t bucket_s = 0;
  std::int64_t older = 0;
  [[nodiscard]] std::string text() const;
};

/// A hand on the feed.
struct Intervention {
  std::int64_t bucket_s = 0;
  std::string action, by, target, why;
  std::int64_t until_s = 0;  ///< 0: until it is taken back
  [[nodiscard]] std::string text() const;
};

/// A program that is about to serve.
struct Build {
  std::int64_t bucket_s = 0;
  crypto::Hash sha256{};
  std::string version;
  [[nodiscard]] std::string text() const;
};

/// Settings of the feed that are about to rank.
struct Model {
  std::int64_t bucket_s = 0;
  crypto::Hash sha256{};
  [[nodiscard]] std::string text() const;
};

}  // namespace entry

using Entry = std::variant<entry::Opened, entry::Refused, entry::Joined, entry::Left, entry::Announced, entry::Erased,
                           entry::Demand, entry::SealedDemand, entry::Disclosed, entry::Unsealed, entry::Alarm,
                           entry::Retention, entry::Intervention, entry::Build, entry::Model>;
/// Error (invalid_argument): of another kind or version, or not as that kind is spelt. Members that are not known are
/// passed over.
[[nodiscard]] Result<Entry> read_entry(std::string_view text);

/// An entry that puts a member on the roster, or takes one off it.
[[nodiscard]] std::string roster_entry(const Member& member, std::int64_t bucket);
[[nodiscard]] std::string roster_removal(std::string_view id, std::int64_t bucket);
[[nodiscard]] std::string erasure_entry(std::span<const std::string> records, std::int64_t bucket);
/// An entry that announces rules; they are in force once it has stood there for the delay of those before them.
[[nodiscard]] std::string policy_entry(const Rules& rules, std::int64_t bucket);

}  // namespace vitrine::custody
