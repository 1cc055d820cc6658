#include "app/audit_receipts.hpp"

#include <iostream>
#include <optional>

#include "app/log_role.hpp"
#include "app/role_support.hpp"
#include "base/files.hpp"
#include "custody/vault_messages.hpp"
#include "log/follower.hpp"

namespace vitrine::app {
namespace {

constexpr std::string_view log_path = "/log";
constexpr std::string_view batches_path = "/api/v1/glass/batches";
constexpr std::size_t claimed_bytes_max = 64 << 20;

/// An entry of the log that names somebody by a tag, or many under a root.
struct Traced {
  std::uint64_t index = 0;
  std::string entry, nonce;
  std::string tag;                      ///< of one person
  std::optional<tlog::Hash> tags_root;  ///< of a batch
};

struct Finding {
  std::optional<std::uint64_t> index;  ///< in the log
  std::string what, entry;
};

struct Findings {
  std::vector<Finding> found, differences;
  std::uint64_t entries = 0, unread_batches = 0;
};

std::optional<Traced> traced(std::uint64_t index, std::string_view entry) {
  const auto value = parse_json(entry);
  if (!value || !value->is_object()) return std::nullopt;
  const auto& object = value->get_object();
  const auto bytes = [&](std::string_view key) {
    return crypto::from_base64(text_member(object, key, "").value_or("")).value_or("");
  };
  Traced out{.index = index,
             .entry = std::string(entry),
             .nonce = bytes("nonce"),
             .tag = bytes("tag"),
             .tags_root = custody::tags_root_in(entry)};
  if (out.nonce.size() != custody::nonce_bytes || (out.tag.empty() && !out.tags_root)) return std::nullopt;
  return out;
}

/// The tags of batches: from the list that the service gave the person, else from its public page.
class BatchTags {
 public:
  BatchTags(const std::vector<custody::Receipt>& claimed, const std::string& url) {
    for (const auto& one : claimed) claimed_[one.entry] = one.tags;
    if (!url.empty()) fetch_ = fetch_from(url);
  }

  /// Nothing: they could not be had. Whoever gives them, they are the ones if they give the root.
  [[nodiscard]] std::optional<std::vector<std::string>> of(const Traced& batch) const {
    const auto holds = [&](const std::vector<std::string>& tags) {
      return custody::root_of_tags(tags) == *batch.tags_root;
    };
    if (const auto known = claimed_.find(batch.entry); known != claimed_.end() && holds(known->second))
      return known->second;
    if (!fetch_) return std::nullopt;
    const auto answer = fetch_(crypto::base64url(*batch.tags_root));
    const auto value = answer ? parse_json(*answer, claimed_bytes_max) : Result<json::value>(json::value());
    if (!value || !value->is_object()) return std::nullopt;
    auto tags = custody::read_list(value->get_object(), "tags", custody::read_bytes);
    return tags && holds(*tags) ? std::optional(std::move(*tags)) : std::nullopt;
  }
  [[nodiscard]] bool can_be_asked() const { return fetch_ != nullptr; }

 private:
  std::map<std::string, std::vector<std::string>> claimed_;
  tlog::Fetch fetch_;
};

Result<std::vector<custody::Receipt>> claimed_in(const std::string& file) {
  if (file.empty()) return std::vector<custody::Receipt>();
  const auto text = read_file(file, claimed_bytes_max);
  if (!text) return fail(Errc::invalid_argument, "{} cannot be read: {}", file, text.error().message);
  VT_TRY(const auto value, parse_json(*text, claimed_bytes_max));
  if (!value.is_object()) return fail(Errc::invalid_argument, "{} is not what GET /api/v1/my/receipts gives", file);
  return custody::read_list(value.get_object(), "receipts", custody::read_receipt);
}

std::string batches_of(const ReceiptsAuditOptions& options) {
  if (!options.batches_url.empty()) return options.batches_url;
  if (!options.url.starts_with("http") || !options.url.ends_with(log_path)) return "";
  return options.url.substr(0, options.url.size() - log_path.size()) + std::string(batches_path);
}

/// Every traced entry, after checkpoint, cosignatures and hashes were checked.
Result<std::vector<Traced>> read_log(const ReceiptsAuditOptions& options, Findings& findings) {
  VT_TRY(auto key, tlog::parse_verifier_key(options.log_key));
  VT_TRY(auto policy, read_policy(options.policy_file));
  std::vector<Traced> out;
  tlog::Follower follower(std::move(key), std::move(policy), fetch_from(options.url),
                          {.on_entry = [&](std::uint64_t index, std::string_view entry) -> Result<void> {
                            if (auto one = traced(index, entry)) out.push_back(std::move(*one));
                            return {};
                          }});
  VT_CHECK(follower.follow());
  findings.entries = follower.size();
  return out;
}

/// Sorts the log's entries into the person's own and others'; says where that cannot be told.
void find_own(const std::vector<Traced>& all, const crypto::Hash& key, const BatchTags& batches, Findings& findings) {
  for (const auto& one : all) {
    const auto own = custody::subject_tag(key, one.nonce);
    if (!one.tags_root) {
      if (one.tag == own) findings.found.push_back({one.index, "", one.entry});
      continue;
    }
    const auto tags = batches.of(one);
    if (!tags) {
      ++findings.unread_batches;
      if (batches.can_be_asked())
        findings.differences.push_back({one.index, "the tags under the batch's root are withheld", one.entry});
    } else if (std::ranges::find(*tags, own) != tags->end()) {
      findings.found.push_back({one.index, "", one.entry});
    }
  }
}

void compare(const std::vector<custody::Receipt>& claimed, Findings& findings) {
  std::set<std::string> told, logged;
  for (const auto& one : claimed) told.insert(one.entry);
  for (const auto& one : findings.found) {
    logged.insert(one.entry);
    if (!told.contains(one.entry))
      findings.differences.push_back({one.index, "the log has it, and the service does not tell of it", one.entry});
  }
  for (const auto& entry : told)
    if (!logged.contains(entry))
      findings.differences.push_back(
          {std::nullopt, "the service tells of it, and the log has no such entry of yours", entry});
}

json::array as_json(const std::vector<Finding>& list) {
  json::array out;
  for (const auto& one : list) {
    json::object item{{"index", nullptr}, {"entry", one.entry}};
    if (one.index) item["index"] = *one.index;
    if (!one.what.empty()) item["difference"] = one.what;
    out.push_back(std::move(item));
  }
  return out;
}

void print(const Findings& findings, bool json_wanted) {
  if (json_wanted) {
    std::cout << json::serialize(json::object{{"entries", findings.entries},
                                              {"unread_batches", findings.unread_batches},
                                              {"found", as_json(findings.found)},
                                              {"differences", as_json(findings.differences)}})
              << "\n";
    return;
  }
  for (const auto& one : findings.found) std::cout << fmt::format("{:>8}  {}\n", *one.index, one.entry);
  for (const auto& one : findings.differences)
    std::cout << fmt::format("DIFFERS   {}{}\n          {}\n", one.what,
                             one.index ? fmt::format(" (entry {})", *one.index) : "", one.entry);
  std::cout << fmt::format("{} entries read, {} of them about you, {} differences\n", findings.entries,
                           findings.found.size(), findings.differences.size());
  if (findings.unread_batches > 0)
    std::cout << fmt::format("{} batches could not be looked into: say with --batches where their tags are\n",
                             findings.unread_batches);
}

}  // namespace

Result<void> audit_receipts(const ReceiptsAuditOptions& options) {
  VT_TRY(const auto key_bytes, crypto::from_base64(options.receipt_key));
  VT_TRY(const auto key, crypto::hash_from(key_bytes));
  VT_TRY(const auto claimed, claimed_in(options.claimed_file));
  Findings findings;
  VT_TRY(const auto all, read_log(options, findings));
  find_own(all, key, BatchTags(claimed, batches_of(options)), findings);
  if (!options.claimed_file.empty()) compare(claimed, findings);
  print(findings, options.json);
  if (!findings.differences.empty())
    return fail(Errc::unprocessable, "the log and what the service tells differ in {} places",
                findings.differences.size());
  return {};
}

}  // namespace vitrine::app
