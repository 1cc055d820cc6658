#include "custody/custodian.hpp"

#include "log/tlog_proof.hpp"

namespace vitrine::custody {
namespace {

constexpr std::string_view state_file = "/state.json";
constexpr std::int64_t clock_slack_s = 120;

template <class... Args>
std::unexpected<Error> refuse(fmt::format_string<Args...> format, Args&&... args) {
  return fail(Errc::forbidden, format, std::forward<Args>(args)...);
}

}  // namespace

/// One call, read but not yet believed.
struct Custodian::Asked {
  Request request;
  Opening opening;
  std::vector<Approval> approvals;
  std::string entry;
  tlog::LogProof proof;
  std::vector<std::string> boxes;
  const Purpose* purpose = nullptr;
  const Member* reader = nullptr;
  std::string nonce;
  std::int64_t bucket = 0;
};

Custodian::Custodian(CustodianOptions options, const Clock& clock, Descriptor lock)
    : options_(std::move(options)),
      key_(options_.key_seed),
      clock_(clock),
      lock_(std::move(lock)),
      ledger_(options_.rules),
      follower_(options_.rules.log, options_.rules.witnesses, options_.fetch,
                {.on_entry = [this](std::uint64_t, std::string_view entry) -> Result<void> {
                  ledger_.read(entry, now_s(), first_seen_);
                  return {};
                }}) {}

Result<std::unique_ptr<Custodian>> Custodian::open(CustodianOptions options, const Clock& clock) {
  VT_CHECK(make_directories(options.directory));
  VT_TRY(auto lock, lock_file(options.directory + "/lock", "another process runs this custodian: stop it first"));
  std::unique_ptr<Custodian> out(new Custodian(std::move(options), clock, std::move(lock)));
  VT_CHECK(out->pin_rules());
  const std::lock_guard guard(out->mutex_);
  // A log that is not up yet is read when somebody asks; one that contradicts what was seen stops everything.
  if (auto read = out->catch_up(nullptr);
      !read && read.error().code != Errc::unavailable && read.error().code != Errc::not_found)
    return std::unexpected(read.error());
  return out;
}

/// The first rules are believed; others only when they have stood in the log for as long as the ones before them said.
Result<void> Custodian::pin_rules() {
  const auto path = options_.directory + std::string(state_file);
  const auto own = crypto::base64(options_.rules.hash());
  const auto kept = read_file(path);
  if (!kept && kept.error().code != Errc::not_found) return std::unexpected(kept.error());
  if (!kept) {
    pinned_rules_ = own;
    pinned_delay_s_ = options_.rules.delay_s;
    return keep();
  }
  VT_TRY(const auto value, parse_json(*kept, 64 << 20));
  if (!value.is_object()) return fail(Errc::internal, "the custodian's state is damaged; restore it");
  const auto& object = value.get_object();
  VT_TRY(pinned_rules_, text_member(object, "rules"));
  VT_TRY(pinned_delay_s_, int_member(object, "delay_s"));
  VT_TRY(seen_, text_member(object, "checkpoint", ""));
  if (const auto* list = object.if_contains("first_seen"); list && list->is_object())
    for (const auto& [name, time] : list->get_object()) first_seen_[name] = time.to_number<std::int64_t>();
  if (pinned_rules_ == own) return {};
  const auto announced = first_seen_.find(rules_name(options_.rules.hash()));
  if (announced == first_seen_.end())
    return refuse("these rules are not announced in the log: append their policy entry, and wait {} s",
                  pinned_delay_s_);
  if (announced->second + pinned_delay_s_ > now_s())
    return refuse("these rules are in force in {} s, no sooner", announced->second + pinned_delay_s_ - now_s());
  pinned_rules_ = own;
  pinned_delay_s_ = options_.rules.delay_s;
  return keep();
}

Result<void> Custodian::keep() {
  json::object times;
  for (const auto& [name, time] : first_seen_) times[name] = time;
  const json::object object{{"checkpoint", seen_},
                            {"delay_s", pinned_delay_s_},
                            {"first_seen", std::move(times)},
                            {"rules", pinned_rules_},
                            {"v", 1}};
  return replace_file(options_.directory + std::string(state_file), json::serialize(object));
}

/// Reads the log on; what it shows is remembered before anything is released.
Result<void> Custodian::catch_up(const tlog::Checkpoint* through) {
  if (split_) return std::unexpected(*split_);
  tlog::Checkpoint seen;
  if (!caught_up_ && !seen_.empty()) {
    VT_TRY(const auto opened, tlog::open_checkpoint(seen_, options_.rules.log));
    seen = opened.checkpoint;
    through = &seen;
  }
  const auto before = follower_.size();
  auto followed = follower_.follow(through);
  if (!followed) {
    if (followed.error().code == Errc::conflict) split_ = followed.error();
    return followed;
  }
  if (!std::exchange(caught_up_, true)) first_index_ = follower_.size();
  if (follower_.size() == before && !seen_.empty()) return {};
  seen_ = follower_.newest().checkpoint.note.bytes();
  return keep();
}

Result<Custodian::Asked> Custodian::understand(const json::value& body) const {
  const auto bad = [](std::string_view what) {
    return fail(Errc::invalid_argument, "a release is asked with {}", what);
  };
  if (!body.is_object()) return bad("an object");
  const auto& object = body.get_object();
  for (const char* part : {"request", "opening", "approvals", "boxes"})
    if (!object.if_contains(part)) return bad(fmt::format("\"{}\"", part));
  Asked out;
  VT_TRY(out.request, read_request(object.at("request")));
  VT_TRY(out.opening, read_opening(object.at("opening")));
  VT_TRY(out.entry, text_member(object, "entry"));
  VT_TRY(const auto proof, text_member(object, "proof"));
  VT_TRY(out.proof, tlog::parse_log_proof(proof));
  const auto &approvals = object.at("approvals"), &boxes = object.at("boxes");
  if (!approvals.is_array() || approvals.get_array().size() > approvals_max) return bad("a short list of approvals");
  for (const auto& one : approvals.get_array()) {
    VT_TRY(out.approvals.emplace_back(), read_approval(one));
  }
  if (!boxes.is_array() || boxes.get_array().size() != out.request.records.size()) return bad("a box for each record");
  for (const auto& one : boxes.get_array()) {
    if (!one.is_string()) return bad("boxes in base64");
    VT_TRY(out.boxes.emplace_back(), crypto::from_base64(one.get_string()));
  }
  VT_TRY(const auto entry, parse_canonical_json(out.entry, tlog::entry_bytes_max));
  if (!entry.is_object()) return bad("an entry that is an object");
  VT_TRY(const auto nonce, text_member(entry.get_object(), "nonce"));
  VT_TRY(out.nonce, crypto::from_base64(nonce));
  VT_TRY(out.bucket, int_member(entry.get_object(), "bucket_s"));
  if (out.nonce.size() != nonce_bytes) return bad("a nonce of 16 bytes");
  return out;
}

/// The entry is in the log that this custodian reads itself, under a fresh quorum, and has not been used before.
Result<void> Custodian::check_log(const Asked& asked) {
  const auto witnessed = tlog::verify(asked.proof, asked.entry, options_.rules.log, options_.rules.witnesses);
  if (!witnessed) return refuse("no trace in the log: {}", witnessed.error().message);
  std::set<std::size_t> fresh;
  for (const auto& [witness, time_s] : witnessed->cosigned_s)
    if (time_s + options_.rules.freshness_s >= now_s() && time_s <= now_s() + clock_slack_s) fresh.insert(witness);
  if (!options_.rules.witnesses.satisfied_by(fresh))
    return refuse("the cosignatures under the entry are older than {} s", options_.rules.freshness_s);
  const auto& checkpoint = witnessed->checkpoint.checkpoint;
  if (!caught_up_ || checkpoint.size > follower_.size()) VT_CHECK(catch_up(&checkpoint));
  if (asked.proof.index >= follower_.size()) return refuse("the log does not show the entry");
  if (asked.proof.index < first_index_)
    return refuse("the entry was in the log before this custodian started: it may have been used; ask anew");
  if (released_.contains(asked.proof.index)) return refuse("this entry has opened what it opens: ask anew");
  if (asked.bucket != bucket_of(clock_.now()) && asked.bucket != bucket_of(clock_.now() - clock_slack_s * 1000))
    return refuse("the entry names another hour");
  return {};
}

Result<void> Custodian::check_reader(const Asked& asked) const {
  const auto& request = asked.request;
  if (asked.opening.request != request.hash()) return refuse("the opening belongs to another request");
  if (!asked.reader) return refuse("{} is not on the roster, or not yet", request.reader);
  if (!asked.purpose) return refuse("there is no purpose {}", request.purpose);
  if (!asked.purpose->classes.contains(request.data_class))
    return refuse("{} is no purpose for {}", request.purpose, request.data_class);
  if (asked.purpose->service != (asked.reader->role == Role::service))
    return refuse("{} is a purpose of {}", request.purpose, asked.purpose->service ? "machines" : "people");
  if (!asked.purpose->service && request.records.size() != 1) return refuse("people open one field at a time");
  if (asked.reader->zone != request.zone)
    return refuse("a reader in zone {} opens nothing of zone {}", asked.reader->zone, request.zone);
  return {};
}

/// What the box says is what counts: vault and request may say what they like.
Result<void> Custodian::check_labels(const Asked& asked, const std::vector<Label>& labels) const {
  std::vector<std::string> tags;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto& label = labels[i];
    if (label.record != asked.request.records[i]) return refuse("a box is of another record than the request");
    if (label.data_class != asked.request.data_class || label.zone != asked.request.zone)
      return refuse("the record is of another class or zone than the request");
    if (!label.purposes.contains(asked.request.purpose))
      return refuse("the record was not sealed for {}", asked.request.purpose);
    if (ledger_.erased(label.record)) return refuse("the record was erased");
    tags.push_back(subject_tag(label.receipt_key, asked.nonce));
  }
  const auto entry =
      access_entry(asked.request, *asked.reader, asked.bucket, asked.nonce, tags, asked.opening.commitment());
  if (entry != asked.entry) return refuse("the entry in the log says something else than the request");
  return {};
}

Result<void> Custodian::check_approvals(const Asked& asked, bool guarded) const {
  std::set<std::string> others;
  bool by_reader = false, by_overseer = false;
  for (const auto& approval : asked.approvals) {
    const Member* by = ledger_.member(approval.by, now_s());
    if (!by) return refuse("{} is not on the roster, or not yet", approval.by);
    VT_CHECK(verify(approval, asked.request, *by, options_.rules.rp_id));
    if (by->id == asked.reader->id) {
      by_reader = true;
      continue;
    }
    others.insert(by->id);
    by_overseer = by_overseer || by->role == Role::overseer;
  }
  if (!by_reader) return refuse("the reader has not signed");
  if (asked.purpose->service) return {};
  if (std::cmp_less(others.size(), std::max(asked.purpose->signers, guarded ? 1 : 0)))
    return refuse("{} needs {} other signers; {} signed", asked.request.purpose, asked.purpose->signers, others.size());
  if (guarded && !by_overseer) return refuse("this person is guarded: an overseer must sign");
  return {};
}

/// The entry is in the log already and counted with the rest.
Result<void> Custodian::check_counters(const Asked& asked) const {
  const auto& request = asked.request;
  const auto by_reader = ledger_.opened_by(request.reader, request.purpose, now_s());
  const auto of_zone = ledger_.opened_of(request.zone, request.purpose, now_s());
  if (by_reader > asked.purpose->per_reader)
    return fail(Errc::too_many_requests, "{} asked for {} fields in 12 months; {} are allowed", request.reader,
                by_reader, asked.purpose->per_reader);
  if (of_zone > asked.purpose->per_zone)
    return fail(Errc::too_many_requests, "{} fields of zone {} were asked for in 12 months; {} are allowed", of_zone,
                request.zone, asked.purpose->per_zone);
  return {};
}

Result<std::string> Custodian::release(const json::value& body) {
  VT_TRY(auto asked, understand(body));
  std::vector<Label> labels;
  for (const auto& box : asked.boxes) {
    auto label = open_box(key_, box);
    if (!label) return refuse("a box is not this custodian's: {}", label.error().message);
    labels.push_back(std::move(*label));
  }
  const std::lock_guard lock(mutex_);
  VT_CHECK(check_log(asked));
  const auto purpose = options_.rules.purposes.find(asked.request.purpose);
  asked.purpose = purpose == options_.rules.purposes.end() ? nullptr : &purpose->second;
  asked.reader = ledger_.member(asked.request.reader, now_s());
  VT_CHECK(check_reader(asked));
  VT_CHECK(check_labels(asked, labels));
  VT_CHECK(check_approvals(asked, std::ranges::any_of(labels, &Label::guarded)));
  VT_CHECK(check_counters(asked));
  released_.insert(asked.proof.index);
  std::string shares;
  for (const auto& label : labels) {
    const auto masked =
        add(label.share, share_of_zero(mask_seed(label.mask, asked.entry), label.number, label.threshold));
    shares += static_cast<char>(label.number);
    shares += crypto::text_of(masked);
  }
  auto out = crypto::seal_box(asked.opening.vault_key, shares);
  crypto::wipe(shares);
  return out;
}

Result<void> Custodian::follow() {
  const std::lock_guard lock(mutex_);
  return catch_up(nullptr);
}

std::uint64_t Custodian::read_entries() const {
  const std::lock_guard lock(mutex_);
  return follower_.size();
}

}  // namespace vitrine::custody
