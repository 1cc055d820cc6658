#include "app/log_role.hpp"

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <unistd.h>

#include "api/log_files.hpp"
#include "app/key_file.hpp"
#include "app/role_support.hpp"
#include "app/stop_signals.hpp"
#include "app/stream_journal.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "log/audit.hpp"
#include "log/log.hpp"

namespace vitrine::app {
namespace {

constexpr std::int64_t drain_ms = 2'000;
constexpr std::int64_t proof_timeout_ms = 10'000;
constexpr std::int64_t witness_timeout_ms = 5'000;
constexpr std::int64_t journal_segment_bytes = 16 << 20;
constexpr int append_threads = 64;  // as many appends and proofs may wait at once

/// A key's name is chosen once: a key under two names would be two keys.
Result<std::string> kept_name(const std::string& path, const std::string& asked, std::string_view option) {
  const auto kept = read_file(path, 1024);
  if (!kept && kept.error().code != Errc::not_found) return std::unexpected(kept.error());
  if (kept && !asked.empty() && asked != *kept)
    return fail(Errc::invalid_argument, "this directory belongs to \"{}\", not to \"{}\"", *kept, asked);
  if (kept) return *kept;
  if (!tlog::is_key_name(asked))
    return fail(Errc::invalid_argument,
                "the first start needs {}: a name without spaces and '+', such as \"log.example.org\"", option);
  VT_CHECK(write_file_durably(path, asked));
  return asked;
}

// --- log -----------------------------------------------------------------------------------------------------

tlog::WitnessPost post_to(const std::string& url) {
  const auto place = place_of(url);
  const auto client = std::make_shared<http::Client>(
      place.base,
      http::ClientOptions{.timeout_ms = witness_timeout_ms, .body_bytes_max = tlog::add_checkpoint_bytes_max});
  return [client, path = place.path + "/add-checkpoint"](const std::string& body) -> Result<tlog::WitnessAnswer> {
    VT_TRY(auto answer, client->send(http::Method::post, path, {}, body));
    return tlog::WitnessAnswer{answer.status, std::string(answer.headers.get("Content-Type")), std::move(answer.body)};
  };
}

http::Response appended(tlog::Log& log, const http::Request& request) {
  if (auto entry = parse_canonical_json(request.body, tlog::entry_bytes_max); !entry)
    return http::problem(entry.error());
  const auto index = log.append(request.body);
  if (!index) return http::problem(index.error());
  if (!request.query_value("proof")) return http::Response::json(201, fmt::format(R"({{"index":{}}})", *index));
  const auto proof = log.prove(*index, proof_timeout_ms);
  if (!proof) return http::problem(proof.error());
  return http::Response::text(201, "text/plain; charset=utf-8", proof->text());
}

http::Response proven(tlog::Log& log, const http::Request& request) {
  std::uint64_t index = 0;
  const auto text = request.parameter("index");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size())
    return http::problem({Errc::invalid_argument, "an index is a whole number"});
  const auto proof = log.prove(index, proof_timeout_ms);
  return proof ? http::Response::text(200, "text/plain; charset=utf-8", proof->text()) : http::problem(proof.error());
}

http::Response state_of(const tlog::Log& log) {
  json::array witnesses;
  for (const auto& one : log.witnesses())
    witnesses.push_back(json::object{{"name", one.name}, {"cosigned", one.size}, {"trouble", one.trouble}});
  return http::Response::json(
      200, json::serialize(
               json::object{{"size", log.size()}, {"vkey", log.key().text()}, {"witnesses", std::move(witnesses)}}));
}

/// What the service's own roles use: appending, proofs, the log's state.
http::Router writers_router(tlog::Log& log) {
  http::Router router;
  router.add(http::Method::post, "/entries", [&log](const http::Request& request) { return appended(log, request); },
             {.body_bytes_max = static_cast<std::int64_t>(tlog::entry_bytes_max)});
  router.add(http::Method::get, "/proof/{index}",
             [&log](const http::Request& request) { return proven(log, request); });
  router.add(http::Method::get, "/state", [&log](const http::Request&) { return state_of(log); });
  return router;
}

}  // namespace

Result<tlog::Policy> read_policy(const std::string& path) {
  if (path.empty()) return tlog::Policy::quorum_of(0, {});
  const auto text = read_file(path, tlog::policy_bytes_max);
  if (!text) return fail(Errc::invalid_argument, "the policy {} cannot be read: {}", path, text.error().message);
  return tlog::Policy::parse(*text);
}

Result<void> run_log(const LogRoleOptions& options) {
  const StopSignals stop_signals;
  const SystemClock clock;
  const auto data = std::filesystem::absolute(options.data).string();
  for (const char* part : {"/keys", "/tiles"}) VT_CHECK(make_directories(data + part));
  VT_TRY(const auto origin, kept_name(data + "/keys/origin", options.origin, "--origin"));
  VT_TRY(const auto seed, key_file(data + "/keys/log.key"));
  VT_TRY(auto policy, read_policy(options.policy_file));
  VT_TRY(auto stream, store::open_segments(data + "/journal", {.segment_bytes_max = journal_segment_bytes}));
  StreamJournal journal(std::move(stream));
  tlog::LogOptions log_options{.directory = data + "/tiles",
                               .second_place = data + "/keys/signed",
                               .policy = std::move(policy),
                               .posts = {},
                               .interval_ms = options.interval_ms};
  for (const auto& witness : log_options.policy.witnesses()) {
    if (witness.url.empty())
      return fail(Errc::invalid_argument, "the policy says no address for witness {}", witness.name);
    log_options.posts.push_back(post_to(witness.url));
  }
  VT_TRY(const auto log,
         tlog::Log::open(std::move(log_options), {origin, tlog::Algorithm::ed25519, seed}, journal, clock));
  const auto socket = "unix:" + (options.append_socket.empty() ? data + "/append.sock" : options.append_socket);
  VT_TRY(const auto writers, start_server(socket, writers_router(*log), append_threads));
  std::unique_ptr<http::Server> readers;
  std::printf("vkey %s\n", log->key().text().c_str());
  if (!options.listen.empty()) {
    http::Router router;
    api::add_log_files(router, "", data + "/tiles", log->key().text());
    VT_TRY(readers, start_server(options.listen, std::move(router), 4));
    tell_ready(*readers, options.listen);
  } else {
    tell_ready(*writers, socket);
  }
  stop_signals.wait();
  if (readers) readers->stop(drain_ms);
  writers->stop(drain_ms);
  return {};
}

// --- witness -------------------------------------------------------------------------------------------------

namespace {

http::Response as_response(tlog::WitnessAnswer answer) {
  return http::Response::text(answer.status, answer.content_type, std::move(answer.body));
}

http::Router witness_router(tlog::Witness& witness) {
  http::Router router;
  router.add(http::Method::post, "/add-checkpoint",
             [&witness](const http::Request& request) { return as_response(witness.add_checkpoint(request.body)); },
             {.body_bytes_max = static_cast<std::int64_t>(tlog::add_checkpoint_bytes_max)});
  router.add(http::Method::get, "/{origin}/checkpoint", [&witness](const http::Request& request) {
    return as_response(witness.checkpoint(request.parameter("origin")));
  });
  router.add(http::Method::get, "/vkey", [&witness](const http::Request&) {
    return http::Response::text(200, "text/plain; charset=utf-8", witness.key().text() + "\n");
  });
  return router;
}

}  // namespace

Result<void> run_witness(const WitnessRoleOptions& options) {
  const StopSignals stop_signals;
  const SystemClock clock;
  std::vector<tlog::VerifierKey> logs;
  for (const auto& text : options.logs) {
    VT_TRY(logs.emplace_back(), tlog::parse_verifier_key(text));
    if (logs.back().algorithm != tlog::Algorithm::ed25519)
      return fail(Errc::invalid_argument, "--log takes the key of a log; that of {} is a witness's", logs.back().name);
  }
  const auto data = std::filesystem::absolute(options.data).string();
  VT_CHECK(make_directories(data + "/keys"));
  VT_TRY(const auto name, kept_name(data + "/keys/name", options.name, "--name"));
  VT_TRY(const auto seed, key_file(data + "/keys/witness.key"));
  VT_TRY(const auto witness,
         tlog::Witness::open(data + "/logs", {name, tlog::Algorithm::cosignature, seed}, std::move(logs), clock));
  VT_TRY(const auto server, start_server(options.listen, witness_router(*witness), 4));
  std::printf("vkey %s\n", witness->key().text().c_str());
  tell_ready(*server, options.listen);
  stop_signals.wait();
  server->stop(drain_ms);
  return {};
}

// --- audit ---------------------------------------------------------------------------------------------------

namespace {

Result<tlog::Policy> policy_of(const LogAuditOptions& options) {
  if (!options.policy_file.empty()) return read_policy(options.policy_file);
  std::vector<tlog::Policy::Witness> witnesses;
  for (const auto& text : options.witnesses) {
    VT_TRY(auto key, tlog::parse_verifier_key(text));
    if (key.algorithm != tlog::Algorithm::cosignature)
      return fail(Errc::invalid_argument, "--witness takes the key of a witness; that of {} is a log's", key.name);
    witnesses.push_back({key.name, std::move(key), ""});
  }
  const auto all = witnesses.size();
  return tlog::Policy::quorum_of(all, std::move(witnesses));
}

void print_audit(const tlog::Audited& audited, std::size_t witnesses, bool as_json) {
  const auto& checkpoint = audited.checkpoint;
  if (as_json) {
    std::cout << json::serialize(json::object{{"origin", checkpoint.origin},
                                              {"size", checkpoint.size},
                                              {"root", crypto::base64(checkpoint.root)},
                                              {"tiles", audited.tiles},
                                              {"cosignatures", audited.cosignatures},
                                              {"newest_cosignature_s", audited.newest_cosignature_s}})
              << "\n";
    return;
  }
  std::cout << fmt::format("{}: {} entries, {} files, root {}\n", checkpoint.origin, checkpoint.size, audited.tiles,
                           crypto::base64(checkpoint.root));
  std::cout << fmt::format("cosigned by {} of {} witnesses\n", audited.cosignatures, witnesses);
}

}  // namespace

Result<void> audit_log(const LogAuditOptions& options) {
  VT_TRY(const auto policy, policy_of(options));
  VT_TRY(const auto key, tlog::parse_verifier_key(options.log_key));
  tlog::AuditOptions audit{.log = key, .policy = policy, .seen = {}};
  const auto seen_file = fmt::format("{}/{}.checkpoint", options.state, tlog::origin_hash(key.name));
  if (!options.state.empty()) {
    VT_CHECK(make_directories(options.state));
    if (auto seen = read_file(seen_file)) audit.seen = std::move(*seen);
  }
  const bool shows_progress = ::isatty(STDERR_FILENO) != 0;
  if (shows_progress)
    audit.on_progress = [](std::uint64_t done, std::uint64_t size) {
      std::fprintf(stderr, "\r%3llu %%  %llu entries",
                   static_cast<unsigned long long>(done * 100 / std::max<std::uint64_t>(size, 1)),
                   static_cast<unsigned long long>(done));
    };
  const auto audited = tlog::audit(fetch_from(options.url), audit);
  if (shows_progress) std::fprintf(stderr, "\r\033[K");
  VT_CHECK(audited);
  if (!options.state.empty()) VT_CHECK(write_file_durably(seen_file, audited->note));
  print_audit(*audited, policy.witnesses().size(), options.json);
  return {};
}

}  // namespace vitrine::app
