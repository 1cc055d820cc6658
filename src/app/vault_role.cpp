#include "app/vault_role.hpp"

#include <charconv>
#include <condition_variable>
#include <filesystem>
#include <thread>

#include "app/custody_role.hpp"
#include "app/key_file.hpp"
#include "app/log_client.hpp"
#include "app/role_support.hpp"
#include "app/smtp.hpp"
#include "app/stop_signals.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "custody/vault.hpp"
#include "custody/vault_messages.hpp"

namespace vitrine::app {
namespace {

constexpr std::int64_t drain_ms = 2'000;
constexpr std::int64_t custodian_timeout_ms = 10'000;
constexpr int vault_threads = 32;
constexpr std::chrono::minutes repeat_every{1};
constexpr int repeats_per_sweep = 60;
constexpr std::int64_t requests_listed = 100;

// --- what the vault reaches ----------------------------------------------------------------------------------

custody::CustodianPort custodian_at(const std::string& url) {
  const auto clients = std::make_shared<Clients>(url, http::ClientOptions{.timeout_ms = custodian_timeout_ms});
  return [clients](const std::string& body) { return clients->send(http::Method::post, "/release", body); };
}

Result<custody::MailPort> mail_by(const VaultRoleOptions& options) {
  if (options.smtp.empty()) return custody::MailPort();
  auto url = options.smtp;
  if (!is_smtp_url(url)) {
    VT_TRY(url, read_file(options.smtp));
    url = url.substr(0, url.find('\n'));
  }
  VT_TRY(auto smtp, Smtp::open({.url = url, .from = options.mail_from}));
  return [smtp = std::move(smtp)](const std::string& to, const custody::Mail& mail) { return smtp.send(to, mail); };
}

// --- what the service may ask --------------------------------------------------------------------------------

using Resource = Result<json::value> (*)(custody::Vault&, const http::Request&, const json::value& body);

http::Handler answering(custody::Vault& vault, Resource resource) {
  return [&vault, resource](const http::Request& request) {
    json::value body;
    if (!request.body.empty()) {
      auto parsed = parse_json(request.body, static_cast<std::size_t>(release_bytes_max));
      if (!parsed) return http::problem(parsed.error());
      body = std::move(*parsed);
    }
    const auto answer = resource(vault, request, body);
    return answer ? http::Response::json(200, json::serialize(*answer)) : http::problem(answer.error());
  };
}

Result<json::value> put_record(custody::Vault& vault, const http::Request&, const json::value& body) {
  VT_TRY(const auto what, custody::read_record_to_keep(body));
  VT_CHECK(vault.put(what.record, what.receipt_key, what.expires_s));
  return json::object{{"id", what.record.id}};
}

Result<json::value> list_records(custody::Vault& vault, const http::Request& request, const json::value&) {
  VT_TRY(const auto records, vault.records_of(request.parameter("subject")));
  return json::object{{"records", custody::list_json(records)}};
}

Result<json::value> erase_all(custody::Vault& vault, const http::Request& request, const json::value&) {
  VT_TRY(const auto count, vault.erase(request.parameter("subject"), ""));
  return json::object{{"erased", count}};
}

Result<json::value> erase_class(custody::Vault& vault, const http::Request& request, const json::value&) {
  VT_TRY(const auto count, vault.erase(request.parameter("subject"), request.parameter("class")));
  return json::object{{"erased", count}};
}

/// Always under `self`: for every other purpose the plaintext stays here, or goes to a person who signed for it.
Result<json::value> read_own(custody::Vault& vault, const http::Request& request, const json::value&) {
  VT_TRY(const auto fields, vault.read_own(request.parameter("subject"), request.parameter("class")));
  return json::object{{"fields", custody::texts_json(fields)}};
}

Result<json::value> send_mail(custody::Vault& vault, const http::Request& request, const json::value& body) {
  VT_TRY(const auto order, custody::read_mail_order(body));
  VT_CHECK(vault.mail(request.parameter("subject"), order.data_class, order.purpose, order.mail));
  return json::object{};
}

Result<json::value> set_guarded(custody::Vault& vault, const http::Request& request, const json::value& body) {
  const auto* guarded = body.is_object() ? body.get_object().if_contains("guarded") : nullptr;
  if (!guarded || !guarded->is_bool()) return fail(Errc::invalid_argument, "\"guarded\" is true or false");
  VT_CHECK(vault.set_guarded(request.parameter("subject"), guarded->get_bool()));
  return json::object{{"guarded", guarded->get_bool()}};
}

Result<json::value> list_receipts(custody::Vault& vault, const http::Request& request, const json::value&) {
  VT_TRY(const auto receipts, vault.receipts(request.parameter("subject")));
  return json::object{{"receipts", custody::list_json(receipts)}};
}

Result<json::value> make_request(custody::Vault& vault, const http::Request&, const json::value& body) {
  VT_TRY(const auto question, custody::read_question(body));
  VT_TRY(const auto request,
         vault.ask(question.reader, question.subject, question.data_class, question.purpose, question.case_id));
  return request.to_json();
}

Result<json::value> list_requests(custody::Vault& vault, const http::Request& request, const json::value&) {
  auto limit = requests_listed;
  if (const auto text = request.query_value("limit")) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
    if (error != std::errc() || end != text->data() + text->size() || limit < 1)
      return fail(Errc::invalid_argument, "\"limit\" is a whole number from 1 on");
  }
  VT_TRY(const auto requests,
         vault.requests(request.query_value("reader").value_or(""), static_cast<std::size_t>(limit)));
  return json::object{{"requests", custody::list_json(requests)}};
}

Result<json::value> add_approval(custody::Vault& vault, const http::Request& request, const json::value& body) {
  VT_TRY(const auto approval, custody::read_approval(body));
  VT_CHECK(vault.approve(request.parameter("id"), approval));
  return json::object{};
}

Result<json::value> open_request(custody::Vault& vault, const http::Request& request, const json::value&) {
  VT_TRY(const auto field, vault.open_field(request.parameter("id")));
  return json::object{{"field", field}};
}

Result<json::value> list_tags(custody::Vault& vault, const http::Request& request, const json::value&) {
  VT_TRY(const auto root, crypto::from_base64url(request.parameter("root")));
  VT_TRY(const auto tags, vault.tags_under(root));
  return json::object{{"tags", custody::bytes_json(tags)}};
}

http::Router vault_router(custody::Vault& vault) {
  http::Router router;
  const auto add = [&](http::Method method, std::string_view pattern, Resource resource) {
    router.add(method, pattern, answering(vault, resource), {.body_bytes_max = release_bytes_max});
  };
  add(http::Method::post, "/records", put_record);
  add(http::Method::get, "/subjects/{subject}/records", list_records);
  add(http::Method::del, "/subjects/{subject}", erase_all);
  add(http::Method::del, "/subjects/{subject}/records/{class}", erase_class);
  add(http::Method::post, "/subjects/{subject}/records/{class}/reading", read_own);
  add(http::Method::post, "/subjects/{subject}/mail", send_mail);
  add(http::Method::put, "/subjects/{subject}/guarded", set_guarded);
  add(http::Method::get, "/subjects/{subject}/receipts", list_receipts);
  add(http::Method::post, "/requests", make_request);
  add(http::Method::get, "/requests", list_requests);
  add(http::Method::post, "/requests/{id}/approvals", add_approval);
  add(http::Method::post, "/requests/{id}/opening", open_request);
  add(http::Method::get, "/batches/{root}", list_tags);
  return router;
}

// --- housekeeping --------------------------------------------------------------------------------------------

void sweep(custody::Vault& vault, TimeMs now) {
  const auto swept = vault.sweep(now);
  if (!swept) return log::warning("vault.sweep_failed", {{"error", swept.error().message}});
  if (swept->destroyed > 0 || swept->older)
    log::info("vault.swept", {{"destroyed", swept->destroyed}, {"older", swept->older.value_or(0)}});
}

void keep_house(custody::Vault& vault, const Clock& clock, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  for (int round = 0; !stop.stop_requested(); ++round) {
    if (const auto repeated = vault.repeat_unlogged(); !repeated)
      log::warning("vault.repeat_failed", {{"error", repeated.error().message}});
    if (round % repeats_per_sweep == 0) sweep(vault, clock.now());
    never.wait_for(lock, stop, repeat_every, [] { return false; });
  }
}

}  // namespace

Result<void> run_vault(const VaultRoleOptions& options) {
  const StopSignals stop_signals;
  const SystemClock clock;
  const auto data = std::filesystem::absolute(options.data).string();
  VT_CHECK(make_directories(data + "/keys"));
  VT_TRY(const auto lock, lock_file(data + "/lock", "another process runs this vault: stop it first"));
  VT_TRY(const auto seed, key_file(data + "/keys/service.key"));
  VT_TRY(auto rules, rules_in(options.rules_file));
  if (options.custodians.size() != rules.custodians.size())
    return fail(Errc::invalid_argument, "the rules name {} custodians, and {} addresses were given",
                rules.custodians.size(), options.custodians.size());
  VT_TRY(const auto database, store::open_sqlite(data + "/vault.db"));
  custody::VaultOptions vault_options{.rules = std::move(rules),
                                      .service = options.service,
                                      .service_seed = seed,
                                      .log = log_at(options.log_socket),
                                      .custodians = {}};
  for (const auto& url : options.custodians) vault_options.custodians.push_back(custodian_at(url));
  VT_TRY(vault_options.mail, mail_by(options));
  VT_TRY(const auto vault, custody::Vault::open(*database, std::move(vault_options), clock));
  const std::jthread house([&](const std::stop_token& stop) { keep_house(*vault, clock, stop); });
  VT_TRY(const auto server, start_server(options.listen, vault_router(*vault), vault_threads));
  tell_ready(*server, options.listen);
  stop_signals.wait();
  server->stop(drain_ms);
  return {};
}

}  // namespace vitrine::app
