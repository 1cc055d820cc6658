#include "log/policy.hpp"

#include <charconv>
#include <sstream>

#include "base/unicode.hpp"

namespace vitrine::tlog {
namespace {

std::vector<std::string> words_of(std::string_view line) {
  std::istringstream in{std::string(line)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace

/// Reads one policy, line by line.
struct Policy::Reader {
  Policy policy;
  std::set<std::string> names, grouped, keys;
  bool has_quorum = false;

  using Words = std::span<const std::string>;

  Result<void> line(Words words) {
    if (words[0] == "log") return log(words);
    if (words[0] == "witness") return witness(words);
    if (words[0] == "group") return group(words);
    if (words[0] == "quorum") return quorum(words);
    return fail(Errc::invalid_argument, "a line begins with log, witness, group or quorum");
  }

  Result<VerifierKey> new_key(const std::string& text, Algorithm algorithm) {
    VT_TRY(auto key, parse_verifier_key(text));
    if (key.algorithm != algorithm)
      return fail(Errc::invalid_argument, "{} is the key of {}", key.name,
                  algorithm == Algorithm::ed25519 ? "a witness, not of a log" : "a log, not of a witness");
    if (!keys.insert(std::string(crypto::text_of(key.key))).second)
      return fail(Errc::invalid_argument, "the key of {} stands there twice", key.name);
    return key;
  }

  Result<void> new_name(const std::string& name) {
    if (name == "none") return fail(Errc::invalid_argument, "\"none\" is not a name");
    if (!names.insert(name).second) return fail(Errc::invalid_argument, "the name {} stands there twice", name);
    return {};
  }

  Result<void> log(Words words) {
    if (words.size() < 2 || words.size() > 3) return fail(Errc::invalid_argument, "it reads: log VKEY [URL]");
    VT_TRY(auto key, new_key(words[1], Algorithm::ed25519));
    policy.logs_.push_back({std::move(key), words.size() > 2 ? words[2] : ""});
    return {};
  }

  Result<void> witness(Words words) {
    if (words.size() < 3 || words.size() > 4) return fail(Errc::invalid_argument, "it reads: witness NAME VKEY [URL]");
    VT_CHECK(new_name(words[1]));
    VT_TRY(auto key, new_key(words[2], Algorithm::cosignature));
    if (policy.witnesses_.size() == policy_witnesses_max)
      return fail(Errc::invalid_argument, "more than {} witnesses", policy_witnesses_max);
    policy.witnesses_.push_back({words[1], std::move(key), words.size() > 3 ? words[3] : ""});
    return {};
  }

  Result<void> group(Words words) {
    if (words.size() < 4) return fail(Errc::invalid_argument, "it reads: group NAME K|any|all MEMBER…");
    Group made{.needed = 0, .members = {words.begin() + 3, words.end()}};
    for (const auto& member : made.members) {
      if (!names.contains(member)) return fail(Errc::invalid_argument, "{} is not named before", member);
      if (!grouped.insert(member).second) return fail(Errc::invalid_argument, "{} is in a group already", member);
    }
    VT_CHECK(new_name(words[1]));
    const auto& k = words[2];
    if (k == "any") {
      made.needed = 1;
    } else if (k == "all") {
      made.needed = made.members.size();
    } else {
      const auto [end, error] = std::from_chars(k.data(), k.data() + k.size(), made.needed);
      if (error != std::errc() || end != k.data() + k.size() || made.needed < 1 || made.needed > made.members.size())
        return fail(Errc::invalid_argument, "K is 1 to {}, any or all", made.members.size());
    }
    policy.group_order_.push_back(words[1]);
    policy.groups_.emplace(words[1], std::move(made));
    return {};
  }

  Result<void> quorum(Words words) {
    if (words.size() != 2 || has_quorum) return fail(Errc::invalid_argument, "there is one line: quorum NAME|none");
    if (words[1] != "none" && !names.contains(words[1]))
      return fail(Errc::invalid_argument, "{} is not named before", words[1]);
    has_quorum = true;
    policy.quorum_ = words[1] == "none" ? "" : words[1];
    return {};
  }
};

Result<Policy> Policy::parse(std::string_view text) {
  if (text.size() > policy_bytes_max || !is_utf8(text))
    return fail(Errc::invalid_argument, "a policy is UTF-8 of at most {} bytes", policy_bytes_max);
  Reader reader;
  std::istringstream in{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    const auto words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    if (auto read = reader.line(words); !read)
      return fail(Errc::invalid_argument, "policy, line {}: {}", number, read.error().message);
  }
  if (!reader.has_quorum) return fail(Errc::invalid_argument, "the policy has no line \"quorum\"");
  return std::move(reader.policy);
}

Policy Policy::quorum_of(std::size_t k, std::vector<Witness> witnesses) {
  VT_ASSERT(k <= witnesses.size());
  Policy out;
  out.witnesses_ = std::move(witnesses);
  if (k == 0) return out;
  constexpr std::string_view quorum = "quorum";
  Group group{.needed = k, .members = {}};
  for (auto& witness : out.witnesses_) {
    if (witness.name.empty()) witness.name = witness.key.name;
    group.members.push_back(witness.name);
  }
  out.groups_.emplace(quorum, std::move(group));
  out.group_order_.emplace_back(quorum);
  out.quorum_ = quorum;
  return out;
}

std::vector<VerifierKey> Policy::witness_keys() const {
  std::vector<VerifierKey> keys;
  for (const auto& witness : witnesses_) keys.push_back(witness.key);
  return keys;
}

bool Policy::satisfied(const std::string& name, const std::set<std::size_t>& present) const {
  const auto group = groups_.find(name);
  if (group == groups_.end()) {
    const auto witness = std::ranges::find(witnesses_, name, &Witness::name);
    return present.contains(static_cast<std::size_t>(witness - witnesses_.begin()));
  }
  const auto good = std::ranges::count_if(group->second.members,
                                          [&](const std::string& member) { return satisfied(member, present); });
  return std::cmp_greater_equal(good, group->second.needed);
}

bool Policy::satisfied_by(const std::set<std::size_t>& present) const {
  return quorum_.empty() || satisfied(quorum_, present);
}

std::string Policy::text() const {
  const auto with_url = [](std::string line, const std::string& url) {
    return line + (url.empty() ? "" : " " + url) + "\n";
  };
  std::string out;
  for (const auto& log : logs_) out += with_url("log " + log.key.text(), log.url);
  for (const auto& one : witnesses_) out += with_url(fmt::format("witness {} {}", one.name, one.key.text()), one.url);
  for (const auto& name : group_order_) {
    const auto& group = groups_.at(name);
    out += fmt::format("group {} {} {}\n", name, group.needed, fmt::join(group.members, " "));
  }
  return out + fmt::format("quorum {}\n", quorum_.empty() ? "none" : quorum_);
}

Result<Policy::Witnessed> Policy::open(std::string_view note, const VerifierKey& log) const {
  Witnessed out;
  VT_TRY(out.checkpoint, open_checkpoint(note, log));
  VT_TRY(const auto signatures, verify(out.checkpoint.note, witness_keys()));
  std::set<std::size_t> present;
  for (const auto& signature : signatures) {
    present.insert(signature.key);
    out.cosigned_s.emplace(signature.key, signature.unix_time_s);
  }
  if (!satisfied_by(present))
    return fail(Errc::forbidden, "the checkpoint is cosigned by {} witnesses of {}, which is not enough",
                present.size(), witnesses_.size());
  return out;
}

}  // namespace vitrine::tlog
