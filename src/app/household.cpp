#include "app/household.hpp"

#include <chrono>
#include <filesystem>
#include <ranges>
#include <signal.h>

#include "app/key_file.hpp"
#include "app/role_support.hpp"
#include "base/files.hpp"
#include "custody/ledger.hpp"

namespace vitrine::app {
namespace {

constexpr std::string_view log_origin = "vitrine.localhost/log";
constexpr std::string_view service_member = "vault";

std::string numbered(std::string_view role, int number) { return fmt::format("{}{}", role, number); }

/// A name that is kept in a file, as `vitrine log` and `vitrine witness` do at their first start.
Result<void> name_file(const std::string& path, std::string_view name) {
  return std::filesystem::exists(path) ? Result<void>() : write_file_durably(path, name);
}

}  // namespace

Result<Household> Household::prepare(HouseholdOptions options) {
  Household out(std::move(options));
  out.rules_ = {.threshold = out.options_.threshold,
                .rp_id = out.options_.rp_id,
                .zones = out.options_.zones,
                .delay_s = out.options_.delay_s,
                .purposes = out.options_.purposes};
  VT_CHECK(out.make_keys());
  VT_CHECK(out.settle_rules());
  VT_CHECK(write_file_durably(out.path("witnesses.policy"), out.asked_witnesses_.text()));
  VT_CHECK(write_file_durably(out.path("smtp.url"), out.options_.smtp));
  return out;
}

Result<void> Household::make_keys() {
  for (const auto& role : roles()) VT_CHECK(make_directories(path(role + "/keys")));
  VT_CHECK(name_file(path("log/keys/origin"), log_origin));
  VT_TRY(const auto log_seed, key_file(path("log/keys/log.key")));
  rules_.log = tlog::Signer(std::string(log_origin), tlog::Algorithm::ed25519, log_seed).verifier();
  std::vector<tlog::Policy::Witness> witnesses, asked;
  for (int i = 1; i <= options_.witnesses; ++i) {
    const auto role = numbered("witness", i), name = fmt::format("vitrine.localhost/{}", role);
    VT_CHECK(name_file(path(role + "/keys/name"), name));
    VT_TRY(const auto seed, key_file(path(role + "/keys/witness.key")));
    const auto key = tlog::Signer(name, tlog::Algorithm::cosignature, seed).verifier();
    // The rules are public; where this machine keeps its sockets is not.
    witnesses.push_back({role, key, ""});
    asked.push_back({role, key, socket(role)});
  }
  const auto quorum = static_cast<std::size_t>(options_.quorum);
  rules_.witnesses = tlog::Policy::quorum_of(quorum, std::move(witnesses));
  asked_witnesses_ = tlog::Policy::quorum_of(quorum, std::move(asked));
  for (int i = 1; i <= options_.custodians; ++i) {
    const auto role = numbered("custodian", i);
    VT_TRY(const auto seed, key_file(path(role + "/keys/custodian.key")));
    rules_.custodians.push_back({role, crypto::BoxKey(seed).public_key()});
  }
  VT_TRY(const auto service_seed, key_file(path("vault/keys/service.key")));
  rules_.members = options_.members;
  for (const auto& zone : options_.zones) {
    // Machines read in the zone they stand in: here all zones are this machine.
    const auto id =
        zone == *options_.zones.begin() ? std::string(service_member) : fmt::format("{}-{}", service_member, zone);
    rules_.members.push_back({.id = id,
                              .role = custody::Role::service,
                              .zone = zone,
                              .cose_key = {},
                              .key = crypto::SigningKey(service_seed).public_key()});
  }
  return {};
}

Result<void> Household::settle_rules() {
  const auto in_force = path("rules.json"), announced = path("rules.next.json");
  const auto kept_text = read_file(in_force, custody::rules_bytes_max);
  if (!kept_text && kept_text.error().code != Errc::not_found) return std::unexpected(kept_text.error());
  if (!kept_text) VT_CHECK(write_file_durably(in_force, rules_.text()));
  if (!kept_text || *kept_text == rules_.text()) {
    // The first ones are in force at once; the log says which they are.
    if (!std::filesystem::exists(announced)) to_announce_ = rules_;
    return {};
  }
  VT_TRY(const auto kept, custody::read_rules(*kept_text));
  if (const auto next = read_file(announced, custody::rules_bytes_max); next && *next == rules_.text()) {
    const auto age = std::filesystem::file_time_type::clock::now() - std::filesystem::last_write_time(announced);
    if (age >= std::chrono::seconds(kept.delay_s)) return replace_file(in_force, *next);
  } else {
    to_announce_ = rules_;
  }
  rules_ = kept;
  return {};
}

Result<void> Household::announce() {
  if (!to_announce_) return {};
  http::Client log(append_socket());
  const auto entry = custody::policy_entry(*to_announce_, custody::bucket_of(SystemClock().now()));
  VT_CHECK(body_of(log.send(http::Method::post, "/entries", {}, entry)));
  VT_CHECK(replace_file(path("rules.next.json"), to_announce_->text()));
  to_announce_.reset();
  return {};
}

std::vector<std::string> Household::roles() const {
  std::vector<std::string> out;
  for (int i = 1; i <= options_.witnesses; ++i) out.push_back(numbered("witness", i));
  out.emplace_back("log");
  for (int i = 1; i <= options_.custodians; ++i) out.push_back(numbered("custodian", i));
  out.emplace_back("vault");
  return out;
}

std::string Household::socket(const std::string& role) const { return "unix:" + path(role + ".sock"); }

std::vector<std::string> Household::command(const std::string& role) const {
  std::vector<std::string> words = {"/proc/self/exe", role, "--data", path(role), "--listen", socket(role)};
  const auto add = [&](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
  if (role == "log") {
    add({"--append-socket", path("append.sock"), "--policy", path("witnesses.policy")});
  } else if (role.starts_with("witness")) {
    words[1] = "witness";
    add({"--log", rules_.log.text()});
  } else if (role.starts_with("custodian")) {
    words[1] = "custodian";
    add({"--rules", path("rules.json"), "--log", socket("log")});
  } else {
    add({"--rules", path("rules.json"), "--log-socket", append_socket()});
    for (int i = 1; i <= options_.custodians; ++i) add({"--custodian", socket(numbered("custodian", i))});
    if (!options_.smtp.empty()) add({"--smtp", path("smtp.url"), "--from", options_.mail_from});
  }
  return words;
}

Result<void> Household::start(const std::string& role) {
  constexpr std::string_view ready = "listening on ";
  if (running_.contains(role)) return {};
  auto child = Child::run(command(role), std::nullopt, Child::Output::captured);
  if (!child.wait_for(ready, ready_timeout_ms)) return fail(Errc::unavailable, "{} did not start: see above", role);
  running_.emplace(role, std::move(child));
  return role == "log" ? announce() : Result<void>();
}

bool Household::runs(const std::string& role) {
  const auto found = running_.find(role);
  if (found == running_.end()) return false;
  if (found->second.runs()) return true;
  running_.erase(found);
  return false;
}

Result<void> Household::start() {
  for (const auto& role : roles()) VT_CHECK(start(role));
  return {};
}

void Household::stop(const std::string& role) { running_.erase(role); }

void Household::kill(const std::string& role) {
  if (const auto found = running_.find(role); found != running_.end()) ::kill(found->second.pid(), SIGKILL);
  running_.erase(role);
}

void Household::stop_all() {
  auto order = roles();
  for (const auto& role : order | std::views::reverse) stop(role);
}

}  // namespace vitrine::app
