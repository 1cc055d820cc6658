// For tests only: vault, custodians, log and witness in one process, each of which can be away or lie.
#pragma once
#include <condition_variable>

#include "base/id.hpp"
#include "custody/custodian.hpp"
#include "custody/soft_passkey.hpp"
#include "custody/vault.hpp"
#include "log/log.hpp"
#include "log/memory_journal.hpp"
#include "store/testing.hpp"

namespace vitrine::custody::testing {

using store::testing::TemporaryFolder;

inline crypto::Hash seed(std::string_view of) { return crypto::sha256(of); }
inline constexpr std::int64_t patience_ms = 20'000;
inline constexpr std::string_view secret = "ada@example.org";

/// The machine's clock, gone wrong.
class WrongClock final : public Clock {
 public:
  [[nodiscard]] TimeMs now() const override { return SystemClock().now() + ahead_ms; }
  std::atomic<TimeMs> ahead_ms = 0;
};

class CustodyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const tlog::Signer log_signer("test/log", tlog::Algorithm::ed25519, seed("log"));
    const tlog::Signer cosigner("test/witness", tlog::Algorithm::cosignature, seed("witness"));
    witness_ = *tlog::Witness::open(folder_ / "witness", cosigner, {log_signer.verifier()}, clock_);
    const auto policy = tlog::Policy::quorum_of(1, {{"w", cosigner.verifier(), ""}});
    tlog::LogOptions options{.directory = folder_ / "log",
                             .second_place = folder_ / "signed",
                             .policy = policy,
                             .posts = {},
                             .interval_ms = 20,
                             .retry_ms = 20};
    options.posts.push_back([this](const std::string& body) -> Result<tlog::WitnessAnswer> {
      if (witness_is_down_) return fail(Errc::unavailable, "the witness is away");
      return witness_->add_checkpoint(body);
    });
    auto log = tlog::Log::open(std::move(options), log_signer, journal_, clock_);
    ASSERT_TRUE(log) << log.error().message;
    log_ = std::move(*log);

    rules_.log = log_signer.verifier();
    rules_.witnesses = policy;
    rules_.rp_id = "localhost";
    rules_.zones = {"home", "abroad"};
    rules_.delay_s = 0;
    rules_.purposes = default_purposes();
    rules_.purposes["abuse-case"].per_reader = 5;
    for (const char* name : {"c1", "c2", "c3"})
      rules_.custodians.push_back({name, crypto::BoxKey(seed(name)).public_key()});
    rules_.members = {mia_.member("mia", Role::staff, "home"),
                      noor_.member("noor", Role::staff, "home"),
                      otto_.member("otto", Role::overseer, "home"),
                      fern_.member("fern", Role::staff, "abroad"),
                      {.id = "app",
                       .role = Role::service,
                       .zone = "home",
                       .cose_key = {},
                       .key = crypto::SigningKey(seed("app")).public_key()}};
    open_custodians();
    database_ = *store::open_sqlite(folder_ / "vault.db");
    open_vault();
  }

  void open_custodian(std::size_t i) {
    if (vault_) settle();
    custodians_[i].reset();
    auto opened =
        Custodian::open({.directory = folder_ / rules_.custodians[i].name,
                         .rules = rules_,
                         .key_seed = seed(rules_.custodians[i].name),
                         .fetch = [this](const std::string& path) { return read_file(folder_ / "log/" + path); }},
                        custodians_clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    custodians_[i] = std::move(*opened);
  }
  void open_custodians() {
    log_->append("{}").value();
    ASSERT_TRUE(log_->prove(0, patience_ms));
    for (std::size_t i = 0; i < 3; ++i) open_custodian(i);
  }
  void open_vault() {
    VaultOptions options{.rules = rules_, .service = "app", .service_seed = seed("app"), .log = {}, .custodians = {}};
    options.log = {.reach = [this]() -> Result<void> { return up(); },
                   .append = [this](const std::string& entry) -> Result<std::uint64_t> {
                     VT_CHECK(up());
                     auto index = log_->append(entry);
                     const std::lock_guard lock(bodies_mutex_);
                     appended_.push_back(entry);
                     if (log_breaks_off_) return fail(Errc::unavailable, "the connection broke off");
                     return index;
                   },
                   .prove = [this](std::uint64_t index) -> Result<std::string> {
                     if (before_proof_) before_proof_();
                     VT_TRY(const auto proof, log_->prove(index, proof_patience_ms_));
                     return proof.text();
                   }};
    options.mail = [this](const std::string& address, const Mail& mail) -> Result<void> {
      sent_.push_back(address + ": " + mail.title);
      return {};
    };
    for (std::size_t i = 0; i < 3; ++i)
      options.custodians.push_back([this, i](const std::string& body) {
        {
          const std::lock_guard lock(bodies_mutex_);
          last_body_[i] = body;
          answers_came_.notify_all();
        }
        auto answer = answer_of(i, body);
        const std::lock_guard lock(bodies_mutex_);
        ++answered_[i];
        answers_came_.notify_all();
        return answer;
      });
    vault_ = *Vault::open(*database_, std::move(options), clock_);
  }
  Result<std::string> answer_of(std::size_t i, const std::string& body) {
    {
      std::unique_lock lock(bodies_mutex_);
      let_go_.wait(lock, [&] { return (held_ >> i & 1U) == 0; });
    }
    if ((down_ >> i & 1U) != 0) return fail(Errc::unavailable, "it is down");
    if ((babbling_ >> i & 1U) != 0) return "what was that?";
    if ((lying_ >> i & 1U) != 0) return crypto::seal_box(key_of(body), std::string(33 * records_of(body), '\1'));
    return custodians_[i]->release(*parse_json(body, 64 << 20));
  }
  /// Waits until each custodian has been asked something.
  void wait_for_releases_asked() {
    std::unique_lock lock(bodies_mutex_);
    answers_came_.wait(lock, [&] { return std::ranges::none_of(last_body_, &std::string::empty); });
  }
  /// Custodians that were held answer now.
  void let_go() {
    const std::lock_guard lock(bodies_mutex_);
    held_ = 0;
    let_go_.notify_all();
  }
  /// The vault goes on when enough have answered; this waits for the rest.
  void settle() {
    std::unique_lock lock(bodies_mutex_);
    answers_came_.wait(lock, [&] { return std::ranges::min(answered_) == std::ranges::max(answered_); });
  }
  static crypto::PublicKey key_of(const std::string& body) {
    return read_opening(parse_json(body)->as_object().at("opening"))->vault_key;
  }
  static std::size_t records_of(const std::string& body) {
    return read_request(parse_json(body)->as_object().at("request"))->records.size();
  }
  Result<std::string> append(const std::string& entry, bool prove) {
    VT_TRY(const auto index, log_->append(entry));
    if (!prove) return std::string();
    VT_TRY(const auto proof, log_->prove(index, patience_ms));
    return proof.text();
  }

  Result<void> up() const { return log_is_down_ ? fail(Errc::unavailable, "the log is away") : Result<void>(); }
  std::string put(const std::string& subject, std::string_view text = secret, bool guarded = false,
                  const std::string& data_class = "contact", std::int64_t expires_s = 0) {
    const auto record = seal(rules_,
                             {.subject = subject,
                              .data_class = data_class,
                              .zone = "home",
                              .purposes = purposes_for(rules_, data_class),
                              .receipt_key = seed(subject),
                              .guarded = guarded},
                             text, clock_.now());
    EXPECT_TRUE(record) << record.error().message;
    EXPECT_TRUE(vault_->put(*record, seed(subject), expires_s));
    return record->id;
  }
  Member member(const std::string& id) const { return *std::ranges::find(rules_.members, id, &Member::id); }
  Request ask(const std::string& subject, const std::string& reader = "mia") {
    const auto request = vault_->ask(member(reader), subject, "contact", "abuse-case", "case 7");
    EXPECT_TRUE(request) << request.error().message;
    return request.value_or(Request());
  }
  void approve(const Request& request, const std::string& by) {
    const auto& key = by == "mia" ? mia_ : by == "noor" ? noor_ : by == "otto" ? otto_ : fern_;
    EXPECT_TRUE(vault_->approve(request.id, key.approve(request, by, "localhost")));
  }
  Result<std::string> open_for(const std::string& subject) {
    const auto request = ask(subject);
    approve(request, "mia");
    approve(request, "noor");
    return vault_->open_field(request.id);
  }
  /// A release as the vault asked custodian `i` last, which a patched vault may change and send again.
  json::object last(std::size_t i) {
    settle();
    return parse_json(last_body_.at(i), 64 << 20)->as_object();
  }
  template <class T>
  static void expect_refused(const Result<T>& answer, std::string_view why) {
    ASSERT_FALSE(answer);
    EXPECT_TRUE(answer.error().message.find(why) != std::string::npos) << answer.error().message;
  }

  TemporaryFolder folder_;
  SystemClock clock_;
  WrongClock custodians_clock_;
  tlog::VerifierKey log_key_;
  tlog::MemoryJournal journal_;
  std::unique_ptr<tlog::Witness> witness_;
  std::unique_ptr<tlog::Log> log_;
  SoftPasskey mia_{seed("mia")}, noor_{seed("noor")}, otto_{seed("otto")}, fern_{seed("fern")};
  Rules rules_;
  std::array<std::unique_ptr<Custodian>, 3> custodians_;
  std::unique_ptr<store::Database> database_;
  std::atomic<unsigned> down_ = 0, lying_ = 0, babbling_ = 0, held_ = 0;  ///< custodians, a bit each
  std::atomic<bool> log_is_down_ = false, log_breaks_off_ = false, witness_is_down_ = false;
  std::int64_t proof_patience_ms_ = patience_ms;
  std::function<void()> before_proof_;
  std::vector<std::string> sent_;      ///< mail
  std::vector<std::string> appended_;  ///< entries, by the vault
  std::mutex bodies_mutex_;
  std::condition_variable answers_came_, let_go_;
  std::array<std::string, 3> last_body_;
  std::array<int, 3> answered_{};
  std::unique_ptr<Vault> vault_;  ///< last: its threads use what stands above
};

}  // namespace vitrine::custody::testing
