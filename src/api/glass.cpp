// GET /api/v1/glass: custody as the public log shows it. GET /api/v1/glass/batches/{root}: the tags of a batch. The
// log.
#include "api/glass.hpp"

#include <chrono>
#include <mutex>

#include "api/api.hpp"
#include "api/log_files.hpp"
#include "api/render.hpp"
#include "custody/front.hpp"

namespace vitrine::api {
namespace {

using custody::Register;
using http::Request;
using http::Response;

constexpr std::chrono::seconds answer_kept{1};
constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t cosignature_is_old_s = 300;  // an idle log asks for new ones every minute
constexpr std::string_view log_url = "/log";

struct Kept {
  std::string_view data_class, what;
};
constexpr Kept kept_classes[] = {
    {"identity", "Birth date"},
    {"contact", "E-mail address"},
    {"network", "Security events: sign-ins, changes of password and e-mail address"},
    {"link", "What links an account to what its feed has learned, and the key to its receipts"},
};

template <class T>
json::value or_null(const std::optional<T>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

template <class List, class Render>
json::array rendered(const List& list, Render render) {
  json::array out;
  for (const auto& one : list) out.push_back(render(one));
  return out;
}

std::string day_of(std::int64_t start_s) {
  const std::chrono::year_month_day day{std::chrono::sys_days(std::chrono::days(start_s / day_s))};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

json::value outcome_json(const std::optional<custody::Outcome>& outcome) {
  return outcome ? json::value(custody::name(*outcome)) : json::value(nullptr);
}

/// What stays hidden while a demand is sealed is not there at all.
json::object public_demand_json(const Register::Demand& demand, std::int64_t now_s) {
  std::optional<std::int64_t> open_by_s;
  if (demand.seal) open_by_s = demand.seal->open_by_s;
  if (demand.content)
    return demand_json({.id = demand.id,
                        .bucket_s = demand.bucket_s,
                        .content = *demand.content,
                        .open_by_s = open_by_s,
                        .outcome = demand.outcome,
                        .reason = demand.reason},
                       now_s);
  return {{"id", demand.id},
          {"bucket_s", demand.bucket_s},
          {"sealed", true},
          {"open_by_s", or_null(open_by_s)},
          {"overdue", demand.overdue(now_s)},
          {"outcome", outcome_json(demand.outcome)}};
}

// --- who keeps watch ---------------------------------------------------------------------------------------------

/// As far as it can be told from outside, by the checkpoints alone.
std::string trouble_of(const custody::PublicRegister::Cosigned& cosigned, const GlassFacts& facts) {
  if (cosigned.size < facts.seen.size) return "it has not cosigned the newest checkpoint";
  const auto old_s = facts.now_s - cosigned.at_s;
  if (old_s <= cosignature_is_old_s) return "";
  return cosigned.at_s == 0 ? "it has cosigned nothing yet"
                            : fmt::format("it last cosigned {} minutes ago", old_s / 60);
}

json::array witnesses_json(const GlassFacts& facts) {
  json::array out;
  const auto& witnesses = facts.rules.witnesses.witnesses();
  for (std::size_t i = 0; i < witnesses.size(); ++i) {
    const auto& cosigned = facts.seen.cosigned.at(i);
    out.push_back({{"name", witnesses[i].name},
                   {"vkey", witnesses[i].key.text()},
                   {"cosigned", cosigned.size},
                   {"trouble", trouble_of(cosigned, facts)},
                   {"independent", facts.independent.contains(witnesses[i].name)}});
  }
  return out;
}

json::array custodians_json(const GlassFacts& facts) {
  return rendered(facts.rules.custodians, [&](const custody::KeyHolder& one) -> json::object {
    return {
        {"name", one.name}, {"key", crypto::base64(one.key)}, {"independent", facts.independent.contains(one.name)}};
  });
}

std::string policy_of(const custody::Rules& rules) {
  return rules.witnesses.logs().empty() ? fmt::format("log {}\n{}", rules.log.text(), rules.witnesses.text())
                                        : rules.witnesses.text();
}

// --- what the log shows ------------------------------------------------------------------------------------------

json::array accesses_json(const GlassFacts& facts) {
  return rendered(facts.seen.entries->accesses(facts.now_s), [](const Register::Access& one) -> json::object {
    return {{"purpose", one.purpose}, {"class", one.data_class}, {"opened", one.opened}, {"refused", one.refused}};
  });
}

json::array days_json(const GlassFacts& facts) {
  return rendered(facts.seen.entries->days(facts.now_s), [](const Register::Day& one) -> json::object {
    return {
        {"day", day_of(one.start_s)}, {"openings", one.openings}, {"batches", one.batches}, {"refusals", one.refusals}};
  });
}

json::array roster_json(const Register& entries) {
  return rendered(entries.roster(), [](const Register::Listed& one) -> json::object {
    return {{"id", one.member.id},
            {"role", custody::name(one.member.role)},
            {"zone", one.member.zone},
            {"since_s", one.since_s}};
  });
}

json::array alarms_json(const custody::PublicRegister::View& seen) {
  const auto render = [](const custody::entry::Alarm& one) -> json::object {
    return {{"bucket_s", one.bucket_s}, {"about", one.about}, {"text", one.message}};
  };
  auto out = rendered(seen.alarms, render);
  for (auto& one : rendered(seen.entries->alarms(), render)) out.push_back(std::move(one));
  return out;
}

json::array interventions_json(const Register& entries) {
  return rendered(entries.interventions(), [](const custody::entry::Intervention& one) -> json::object {
    return {{"bucket_s", one.bucket_s}, {"action", one.action},  {"target", one.target}, {"by", one.by},
            {"why", one.why},           {"until_s", one.until_s}};
  });
}

json::array builds_json(const Register& entries) {
  return rendered(entries.builds(), [](const custody::entry::Build& one) -> json::object {
    return {{"bucket_s", one.bucket_s}, {"sha256", crypto::base64(one.sha256)}, {"version", one.version}};
  });
}

json::array models_json(const Register& entries) {
  return rendered(entries.models(), [](const custody::entry::Model& one) -> json::object {
    return {{"bucket_s", one.bucket_s}, {"sha256", crypto::base64(one.sha256)}};
  });
}

json::array retention_json() {
  return rendered(kept_classes, [](const Kept& one) -> json::object {
    const auto keep_s = custody::keep_s_of(one.data_class);
    return {{"class", one.data_class},
            {"days", keep_s ? json::value(*keep_s / day_s) : json::value(nullptr)},
            {"what", one.what}};
  });
}

json::value retention_proof_json(const Register& entries) {
  const auto& proof = entries.retention();
  if (!proof) return nullptr;
  return {{"bucket_s", proof->bucket_s}, {"older", proof->older}};
}

// --- resources ---------------------------------------------------------------------------------------------------

std::string glass_text(const Rooms& rooms) {
  const auto seen = rooms.public_register.view();
  auto state = rooms.custody_state();
  if (state == "up" && !seen.trouble.empty()) state = "the log cannot be read: " + seen.trouble;
  return json::serialize(glass_json({.rules = rooms.public_register.rules(),
                                     .seen = seen,
                                     .independent = rooms.independent,
                                     .state = std::move(state),
                                     .now_s = rooms.clock.now() / 1000}));
}

/// The whole page is made once a second at most, however many look at it. Thread-safe.
class GlassPage {
 public:
  Response get(const Rooms& rooms) {
    const std::lock_guard lock(mutex_);
    if (text_.empty() || std::chrono::steady_clock::now() - made_ > answer_kept) {
      text_ = glass_text(rooms);
      made_ = std::chrono::steady_clock::now();
    }
    auto response = Response::json(200, text_);
    response.headers.set("Cache-Control", "public, max-age=1");
    return response;
  }

 private:
  std::mutex mutex_;
  std::string text_;
  std::chrono::steady_clock::time_point made_{};
};

Result<Response> get_batch(Rooms& rooms, const Request& request) {
  const auto root = crypto::from_base64url(request.parameter("root"));
  if (!root || root->size() != crypto::Hash().size())
    return fail(Errc::invalid_argument, "a batch is named by the root of its tags: 32 bytes in base64url");
  VT_TRY(const auto tags, rooms.custody.vault().tags_under(*root));
  const json::object body{{"tags", rendered(tags, [](const std::string& tag) {
                             return json::value(crypto::base64(crypto::bytes_of(tag)));
                           })}};
  auto response = Response::json(200, json::serialize(body));
  // Other tags would have another root.
  response.headers.set("Cache-Control", "public, max-age=31536000, immutable");
  return response;
}

}  // namespace

json::object demand_json(const custody::Demand& demand, std::int64_t now_s) {
  return {{"id", demand.id},
          {"bucket_s", demand.bucket_s},
          {"authority", demand.content.authority},
          {"country", demand.content.country},
          {"zone", demand.content.zone},
          {"basis", demand.content.basis},
          {"class", demand.content.data_class},
          {"sealed", demand.sealed},
          {"open_by_s", or_null(demand.open_by_s)},
          {"overdue", demand.overdue(now_s)},
          {"outcome", outcome_json(demand.outcome)},
          {"reason", demand.reason}};
}

json::object glass_json(const GlassFacts& facts) {
  const auto& rules = facts.rules;
  const auto& entries = *facts.seen.entries;
  return {
      {"mode", facts.independent.empty() ? "single-machine" : "distributed"},
      {"state", facts.state},
      {"log", {{"origin", rules.log.name}, {"vkey", rules.log.text()}, {"size", facts.seen.size}, {"url", log_url}}},
      {"policy", policy_of(rules)},
      {"witnesses", witnesses_json(facts)},
      {"custodians", custodians_json(facts)},
      {"threshold", rules.threshold},
      {"rules", {{"hash", crypto::base64(rules.hash())}, {"text", rules.text()}}},
      {"accesses", accesses_json(facts)},
      {"days", days_json(facts)},
      {"roster", roster_json(entries)},
      {"demands",
       rendered(entries.demands(), [&](const Register::Demand& one) { return public_demand_json(one, facts.now_s); })},
      {"alarms", alarms_json(facts.seen)},
      {"models", models_json(entries)},
      {"builds", builds_json(entries)},
      {"interventions", interventions_json(entries)},
      {"erasures", entries.erasures()},
      {"retention", retention_json()},
      {"retention_proof", retention_proof_json(entries)}};
}

void add_glass(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/glass",
             [&rooms, page = std::make_shared<GlassPage>()](const Request&) { return page->get(rooms); });
  router.add(Method::get, "/api/v1/glass/batches/{root}", answer(rooms, get_batch));
  add_log_files(router, std::string(log_url), rooms.log_directory, rooms.public_register.rules().log.text());
}

}  // namespace vitrine::api
