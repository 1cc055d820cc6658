// Whom one believes: a log and the witnesses whose cosignatures it takes, in the tlog-policy format:
//
//   log <vkey> [url]
//   witness <name> <vkey> [url]
//   group <name> <k|any|all> <witness or group>…
//   quorum <name|none>
//
// Empty lines and lines that begin with '#' say nothing. Thread-safe once parsed.
#pragma once
#include <map>
#include <set>

#include "log/checkpoint.hpp"

namespace vitrine::tlog {

inline constexpr std::size_t policy_bytes_max = 64 << 10;
inline constexpr std::size_t policy_witnesses_max = 64;

class Policy {
 public:
  struct Log {
    VerifierKey key;
    std::string url;  ///< empty: not said
  };
  struct Witness {
    std::string name;  ///< in the policy; its key has a name of its own
    VerifierKey key;
    std::string url;
  };

  /// Errors (invalid_argument) name the line.
  [[nodiscard]] static Result<Policy> parse(std::string_view text);
  /// `k` of the given witnesses, by the names of their keys; k = 0: no quorum is asked.
  [[nodiscard]] static Policy quorum_of(std::size_t k, std::vector<Witness> witnesses);

  [[nodiscard]] const std::vector<Log>& logs() const { return logs_; }
  [[nodiscard]] const std::vector<Witness>& witnesses() const { return witnesses_; }
  [[nodiscard]] std::vector<VerifierKey> witness_keys() const;
  /// Whether these witnesses (positions in witnesses()) are enough.
  [[nodiscard]] bool satisfied_by(const std::set<std::size_t>& witnesses) const;
  [[nodiscard]] bool needs_witnesses() const { return !quorum_.empty(); }
  /// As a policy file.
  [[nodiscard]] std::string text() const;

  /// A checkpoint of `log` that enough witnesses have cosigned, with the times they say. Errors as open_checkpoint's;
  /// forbidden when a witness's cosignature does not hold or they are too few.
  struct Witnessed {
    SignedCheckpoint checkpoint;
    std::map<std::size_t, std::int64_t> cosigned_s;  ///< by position in witnesses(), Unix time
  };
  [[nodiscard]] Result<Witnessed> open(std::string_view note, const VerifierKey& log) const;

 private:
  struct Group {
    std::size_t needed = 0;
    std::vector<std::string> members;
  };
  struct Reader;
  [[nodiscard]] bool satisfied(const std::string& name, const std::set<std::size_t>& witnesses) const;

  std::vector<Log> logs_;
  std::vector<Witness> witnesses_;
  std::map<std::string, Group> groups_;
  std::vector<std::string> group_order_;
  std::string quorum_;  ///< empty: none
};

}  // namespace vitrine::tlog
