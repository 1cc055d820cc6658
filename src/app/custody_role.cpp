#include "app/custody_role.hpp"

#include <cstdio>
#include <filesystem>

#include "app/key_file.hpp"
#include "app/role_support.hpp"
#include "app/stop_signals.hpp"
#include "base/files.hpp"
#include "custody/custodian.hpp"
#include "custody/vault.hpp"

namespace vitrine::app {
namespace {

constexpr std::int64_t drain_ms = 2'000;
constexpr std::int64_t release_bytes_max = 8 << 20;  // a batch's boxes
constexpr std::int64_t custodian_timeout_ms = 10'000;
constexpr std::int64_t log_timeout_ms = 12'000;
constexpr int custodian_threads = 4;
constexpr int vault_threads = 32;

Result<custody::Rules> rules_in(const std::string& path) {
  const auto text = read_file(path, custody::rules_bytes_max);
  if (!text) return fail(Errc::invalid_argument, "the rules {} cannot be read: {}", path, text.error().message);
  return custody::read_rules(*text);
}

// --- custodian -----------------------------------------------------------------------------------------------

http::Router custodian_router(custody::Custodian& custodian) {
  http::Router router;
  router.add(http::Method::post, "/release",
             [&custodian](const http::Request& request) {
               const auto body = parse_json(request.body, static_cast<std::size_t>(release_bytes_max));
               if (!body) return http::problem(body.error());
               auto shares = custodian.release(*body);
               if (!shares) return http::problem(shares.error());
               return http::Response::text(200, "application/octet-stream", std::move(*shares));
             },
             {.body_bytes_max = release_bytes_max});
  router.add(http::Method::get, "/state", [&custodian](const http::Request&) {
    return http::Response::json(200, json::serialize(json::object{{"entries", custodian.read_entries()},
                                                                  {"key", crypto::base64(custodian.public_key())}}));
  });
  return router;
}

// --- vault ---------------------------------------------------------------------------------------------------

/// Clients of one address, lent to one thread at a time.
class Clients {
 public:
  Clients(std::string url, std::int64_t timeout_ms) : url_(std::move(url)), timeout_ms_(timeout_ms) {}

  Result<http::ClientResponse> send(std::string_view target, std::string_view body) {
    auto client = take();
    auto answer = client->send(http::Method::post, target, {}, body);
    const std::lock_guard lock(mutex_);
    if (answer) idle_.push_back(std::move(client));
    return answer;
  }

 private:
  std::unique_ptr<http::Client> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<http::Client>(url_, http::ClientOptions{.timeout_ms = timeout_ms_});
    auto client = std::move(idle_.back());
    idle_.pop_back();
    return client;
  }

  const std::string url_;
  const std::int64_t timeout_ms_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<http::Client>> idle_;
};

custody::LogPort log_at(const std::string& socket) {
  const auto clients = std::make_shared<Clients>(socket, log_timeout_ms);
  return [clients](const std::string& entry, bool prove) -> Result<std::string> {
    auto answer = body_of(clients->send(prove ? "/entries?proof" : "/entries", entry));
    if (!answer) return fail(Errc::unavailable, "nothing is opened while the log is away: {}", answer.error().message);
    return prove ? std::move(*answer) : std::string();
  };
}

custody::CustodianPort custodian_at(const std::string& url) {
  const auto clients = std::make_shared<Clients>(url, custodian_timeout_ms);
  return [clients](const std::string& body) { return body_of(clients->send("/release", body)); };
}

using Resource = Result<json::value> (*)(custody::Vault&, const http::Request&, const json::object&);

http::Handler answering(custody::Vault& vault, Resource resource) {
  return [&vault, resource](const http::Request& request) {
    json::value body = json::object();
    if (!request.body.empty()) {
      auto parsed = parse_json(request.body, static_cast<std::size_t>(release_bytes_max));
      if (!parsed) return http::problem(parsed.error());
      if (!parsed->is_object()) return http::problem({Errc::invalid_argument, "the body is an object"});
      body = std::move(*parsed);
    }
    const auto answer = resource(vault, request, body.get_object());
    return answer ? http::Response::json(200, json::serialize(*answer)) : http::problem(answer.error());
  };
}

Result<json::value> put_record(custody::Vault& vault, const http::Request&, const json::object& body) {
  VT_TRY(const auto text, text_member(body, "receipt_key"));
  VT_TRY(const auto bytes, crypto::from_base64(text));
  VT_TRY(const auto receipt_key, crypto::hash_from(bytes));
  const auto* sealed = body.if_contains("record");
  VT_TRY(const auto record, custody::read_sealed_record(sealed ? *sealed : json::value()));
  VT_CHECK(vault.put(record, receipt_key));
  return json::object{{"id", record.id}};
}

Result<json::value> list_records(custody::Vault& vault, const http::Request& request, const json::object&) {
  VT_TRY(const auto records, vault.records_of(request.parameter("subject")));
  json::array list;
  for (const auto& one : records)
    list.push_back(json::object{{"id", one.id}, {"class", one.data_class}, {"zone", one.zone}});
  return json::object{{"records", std::move(list)}};
}

Result<json::value> erase_subject(custody::Vault& vault, const http::Request& request, const json::object&) {
  VT_TRY(const auto count, vault.erase(request.parameter("subject")));
  return json::object{{"erased", count}};
}

Result<json::value> list_receipts(custody::Vault& vault, const http::Request& request, const json::object&) {
  VT_TRY(const auto receipts, vault.receipts(request.parameter("subject")));
  json::array list;
  for (const auto& one : receipts) list.push_back(json::object{{"entry", one.entry}, {"at_s", one.at_s}});
  return json::object{{"receipts", std::move(list)}};
}

Result<json::value> make_request(custody::Vault& vault, const http::Request&, const json::object& body) {
  const auto* reader = body.if_contains("reader");
  VT_TRY(const auto member, custody::read_member(reader ? *reader : json::value()));
  VT_TRY(const auto subject, text_member(body, "subject"));
  VT_TRY(const auto data_class, text_member(body, "class"));
  VT_TRY(const auto purpose, text_member(body, "purpose"));
  VT_TRY(const auto case_id, text_member(body, "case", ""));
  VT_TRY(const auto request, vault.ask(member, subject, data_class, purpose, case_id));
  return json::object{{"request", request.to_json()}, {"challenge", crypto::base64url(request.challenge())}};
}

Result<json::value> add_approval(custody::Vault& vault, const http::Request& request, const json::object& body) {
  VT_TRY(const auto approval, custody::read_approval(body));
  VT_CHECK(vault.approve(request.parameter("id"), approval));
  return json::object{};
}

Result<json::value> open_request(custody::Vault& vault, const http::Request& request, const json::object&) {
  VT_TRY(const auto field, vault.open_field(request.parameter("id")));
  return json::object{{"field", field}};
}

Result<json::value> read_batch(custody::Vault& vault, const http::Request&, const json::object& body) {
  VT_TRY(const auto purpose, text_member(body, "purpose"));
  const auto* list = body.if_contains("records");
  if (!list || !list->is_array()) return fail(Errc::invalid_argument, "\"records\" is a list of ids");
  std::vector<std::string> records;
  for (const auto& one : list->get_array())
    if (one.is_string()) records.emplace_back(one.get_string());
  VT_TRY(const auto fields, vault.read(purpose, records));
  json::array out;
  for (const auto& field : fields) out.emplace_back(field);
  return json::object{{"fields", std::move(out)}};
}

http::Router vault_router(custody::Vault& vault) {
  http::Router router;
  const auto add = [&](http::Method method, std::string_view pattern, Resource resource) {
    router.add(method, pattern, answering(vault, resource), {.body_bytes_max = release_bytes_max});
  };
  add(http::Method::post, "/records", put_record);
  add(http::Method::get, "/subjects/{subject}/records", list_records);
  add(http::Method::del, "/subjects/{subject}", erase_subject);
  add(http::Method::get, "/subjects/{subject}/receipts", list_receipts);
  add(http::Method::post, "/requests", make_request);
  add(http::Method::post, "/requests/{id}/approvals", add_approval);
  add(http::Method::post, "/requests/{id}/open", open_request);
  add(http::Method::post, "/read", read_batch);
  return router;
}

}  // namespace

Result<void> run_custodian(const CustodianRoleOptions& options) {
  const StopSignals stop_signals;
  const SystemClock clock;
  const auto data = std::filesystem::absolute(options.data).string();
  VT_CHECK(make_directories(data + "/keys"));
  VT_TRY(const auto seed, key_file(data + "/keys/custodian.key"));
  std::printf("key %s\n", crypto::base64(crypto::BoxKey(seed).public_key()).c_str());
  std::fflush(stdout);
  if (options.rules_file.empty()) return {};
  VT_TRY(auto rules, rules_in(options.rules_file));
  VT_TRY(const auto custodian,
         custody::Custodian::open(
             {.directory = data, .rules = std::move(rules), .key_seed = seed, .fetch = fetch_from(options.log_url)},
             clock));
  VT_TRY(const auto server, start_server(options.listen, custodian_router(*custodian), custodian_threads));
  tell_ready(*server, options.listen);
  stop_signals.wait();
  server->stop(drain_ms);
  return {};
}

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
  VT_TRY(const auto vault, custody::Vault::open(*database, std::move(vault_options), clock));
  VT_TRY(const auto server, start_server(options.listen, vault_router(*vault), vault_threads));
  tell_ready(*server, options.listen);
  stop_signals.wait();
  server->stop(drain_ms);
  return {};
}

}  // namespace vitrine::app
