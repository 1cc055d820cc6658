#include "app/bench_http.hpp"

#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <netinet/in.h>
#include <random>
#include <signal.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "app/bench_report.hpp"
#include "app/process_figures.hpp"
#include "app/service_process.hpp"
#include "app/temporary_directory.hpp"
#include "base/crypto.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "store/blobs.hpp"

namespace vitrine::app {
namespace {

namespace fs = std::filesystem;

constexpr int rounds = 5;  // odd: the median is one of them
constexpr int round_s = 2;
constexpr int connections = 32;
constexpr std::int64_t file_bytes = 30'000'000;
constexpr std::int64_t range_bytes = 300'000;
constexpr int server_core = 0;
constexpr int client_core = 1;
constexpr std::int64_t start_ms_max = 1000;     // what the project promises
constexpr std::int64_t idle_rss_mib_max = 100;  // what the project promises
constexpr std::string_view json_answer = R"({"status":"ok"})";

std::optional<std::string> find_program(const std::string& name) {
  std::string path = std::getenv("PATH") ? std::getenv("PATH") : "";
  path += ":/usr/sbin:/usr/local/sbin";  // where nginx is, and where an ordinary user does not look
  while (!path.empty()) {
    const std::size_t colon = std::min(path.find(':'), path.size());
    const std::string candidate = path.substr(0, colon) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    path.erase(0, colon + 1);
  }
  return std::nullopt;
}

struct Programs {
  std::string nginx, wrk;
};

Result<Programs> find_programs() {
  const auto nginx = find_program("nginx"), wrk = find_program("wrk");
  if (!nginx || !wrk)
    return fail(Errc::unavailable, "this bench compares with nginx and asks with wrk: apt-get install nginx-light wrk");
  return Programs{*nginx, *wrk};
}

std::uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), length);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

Result<void> write_file(const fs::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) return fail(Errc::internal, "cannot write to the temporary directory");
  return {};
}

// ---------------------------------------------------------------------------------------------------------------
// The two servers

struct Contestant {
  Child process;
  std::string url;
};

http::Response serve_blob(const store::Blobs& blobs, const std::string& key) {
  auto file = blobs.open(key);
  if (!file) return http::problem(file.error());
  http::Response response;
  response.headers.set("Content-Type", "video/mp4");
  response.headers.set("Cache-Control", "public, max-age=31536000, immutable");
  response.headers.set("ETag", fmt::format("\"{:x}-{:x}\"", (*file)->size(), (*file)->modified()));
  response.body = http::FileBody{(*file)->descriptor(), (*file)->size(), *file};
  return response;
}

/// The service's own server, with its media and health routes, on one I/O thread.
int serve_until_terminated(const fs::path& directory) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const auto blobs = store::open_file_blobs(directory);
  if (!blobs) return 1;
  http::Router router;
  const http::RouteOptions quick{.run = http::Run::inline_};
  router.add(
      http::Method::get, "/media/{path*}",
      [&](const http::Request& request) {
        return serve_blob(**blobs, fmt::format("media/{}", request.parameter("path")));
      },
      quick);
  router.add(
      http::Method::get, "/healthz",
      [](const http::Request&) { return http::Response::json(200, std::string(json_answer)); }, quick);
  http::ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.io_threads = 1;
  http::Server server(options, std::move(router));
  if (!server.start()) return 1;
  std::cout << "http://127.0.0.1:" << server.port() << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  server.stop(1000);
  return 0;
}

Result<Contestant> start_ours(const fs::path& directory) {
  Contestant ours;
  ours.process =
      Child::fork_and([&] { return serve_until_terminated(directory); }, server_core, Child::Output::captured);
  const auto line = ours.process.first_line(ready_timeout_ms);
  if (!line) return fail(Errc::internal, "the server under test did not start");
  ours.url = *line;
  return ours;
}

constexpr std::string_view nginx_configuration = R"(daemon off;
master_process off;
{user}
pid {directory}/nginx.pid;
error_log {directory}/error.log crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_requests 100000000;
  open_file_cache max=16;
  types {{ video/mp4 mp4; }}
  client_body_temp_path {directory}/t1;
  proxy_temp_path {directory}/t2;
  fastcgi_temp_path {directory}/t3;
  uwsgi_temp_path {directory}/t4;
  scgi_temp_path {directory}/t5;
  server {{
    listen 127.0.0.1:{port};
    location /media/ {{ root {root}; }}
    location = /healthz {{ default_type application/json; return 200 '{answer}'; }}
  }}
}}
)";

Result<Contestant> start_nginx(const Programs& programs, const fs::path& directory, const fs::path& root) {
  const auto port = free_port();
  const auto configuration = directory / "nginx.conf";
  VT_CHECK(
      write_file(configuration, fmt::format(nginx_configuration, fmt::arg("user", ::geteuid() == 0 ? "user root;" : ""),
                                            fmt::arg("directory", directory.string()), fmt::arg("port", port),
                                            fmt::arg("root", root.string()), fmt::arg("answer", json_answer))));
  Contestant nginx;
  nginx.process = Child::run({programs.nginx, "-p", directory, "-e", directory / "error.log", "-c", configuration},
                             server_core, Child::Output::captured);
  nginx.url = fmt::format("http://127.0.0.1:{}", port);
  VT_CHECK(wait_until_ok(nginx.url, "/healthz"));
  return nginx;
}

// ---------------------------------------------------------------------------------------------------------------
// Asking

struct Round {
  double requests_per_s = 0;
  double cpu_us_per_request = 0;
};

Result<Round> ask(const Programs& programs, const Contestant& server, const std::string& target,
                  const std::string& script) {
  const double cpu_before = cpu_seconds(server.process.pid());
  std::vector<std::string> words{programs.wrk, "-t1", fmt::format("-c{}", connections), fmt::format("-d{}s", round_s),
                                 "--timeout",  "10s"};
  if (!script.empty()) words.insert(words.end(), {"-s", script});
  words.push_back(server.url + target);
  const auto output = Child::run(words, client_core, Child::Output::captured).all_output();
  const double cpu = cpu_seconds(server.process.pid()) - cpu_before;
  if (output.find("Non-2xx") != output.npos || output.find("Socket errors") != output.npos)
    return fail(Errc::internal, "{}{} failed under load:\n{}", server.url, target, output);
  constexpr std::string_view label = "Requests/sec:";
  const std::size_t at = output.find(label);
  if (at == output.npos) return fail(Errc::internal, "wrk said nothing that could be read:\n{}", output);
  Round round;
  round.requests_per_s = std::strtod(output.c_str() + at + label.size(), nullptr);
  if (round.requests_per_s <= 0) return fail(Errc::internal, "{}{} answered nothing", server.url, target);
  round.cpu_us_per_request = cpu * 1e6 / (round.requests_per_s * round_s);
  return round;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Rounds in turn, so that whatever else the machine does strikes both; each pair gives one ratio.
Result<void> compare(const Programs& programs, const Contestant& ours, const Contestant& nginx, const std::string& name,
                     const std::string& target, const std::string& script, std::vector<BenchResult>& results) {
  std::vector<double> our_rate, their_rate, ratio, our_cpu, their_cpu, cpu_ratio;
  for (int i = 0; i < rounds; ++i) {
    VT_TRY(const Round mine, ask(programs, ours, target, script));
    VT_TRY(const Round theirs, ask(programs, nginx, target, script));
    our_rate.push_back(mine.requests_per_s);
    their_rate.push_back(theirs.requests_per_s);
    ratio.push_back(mine.requests_per_s / theirs.requests_per_s);
    our_cpu.push_back(mine.cpu_us_per_request);
    their_cpu.push_back(theirs.cpu_us_per_request);
    cpu_ratio.push_back(theirs.cpu_us_per_request / std::max(mine.cpu_us_per_request, 0.01));
  }
  results.push_back({name + "_ratio", median(our_rate), "requests/s", "nginx", median(their_rate), median(ratio)});
  // A load generator that is the slower side hides a difference in rate, but not in work.
  results.push_back(
      {name + "_cpu_ratio", median(our_cpu), "CPU us each", "nginx", median(their_cpu), median(cpu_ratio)});
  return {};
}

constexpr std::string_view range_script = R"(math.randomseed(20)
local format = "GET /media/clip.mp4 HTTP/1.1\r\nHost: bench\r\nRange: bytes=%d-%d\r\n\r\n"
function request()
  local first = math.random(0, {last_start})
  return string.format(format, first, first + {length} - 1)
end
)";

Result<void> make_clip(const fs::path& directory) {
  VT_TRY(const auto blobs, store::open_file_blobs(directory));
  std::string bytes(file_bytes, '\0');
  std::mt19937_64 random(300);
  for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
    const std::uint64_t word = random();
    std::memcpy(bytes.data() + i, &word, 8);
  }
  return blobs->put("media/clip.mp4", bytes);
}

/// Where the blob store keeps the clip, for nginx's root.
Result<fs::path> root_of_clip(const fs::path& directory) {
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.path().filename() == "clip.mp4") return entry.path().parent_path().parent_path();
  }
  return fail(Errc::internal, "the clip is not where the bench put it");
}

Result<void> compare_with_nginx(const Programs& programs, const fs::path& directory,
                                std::vector<BenchResult>& results) {
  const fs::path blobs = directory / "blobs", nginx_files = directory / "nginx";
  fs::create_directories(blobs);
  fs::create_directories(nginx_files);
  VT_CHECK(make_clip(blobs));
  VT_TRY(const fs::path root, root_of_clip(blobs));
  const fs::path script = directory / "ranges.lua";
  std::string lua(range_script);
  const auto put = [&](std::string_view mark, std::int64_t value) {
    lua.replace(lua.find(mark), mark.size(), std::to_string(value));
  };
  put("{last_start}", file_bytes - range_bytes);
  put("{length}", range_bytes);
  VT_CHECK(write_file(script, lua));
  VT_TRY(const Contestant ours, start_ours(blobs));
  VT_TRY(const Contestant nginx, start_nginx(programs, nginx_files, root));
  VT_CHECK(compare(programs, ours, nginx, "media_range", "/media/clip.mp4", script, results));
  return compare(programs, ours, nginx, "json", "/healthz", "", results);
}

// ---------------------------------------------------------------------------------------------------------------
// The whole service

Result<void> measure_service(const fs::path& data, std::vector<BenchResult>& results) {
  {
    VT_TRY(const Service first, start_service({.data = data}));  // makes the data directory
  }
  std::vector<double> start_ms;
  std::vector<double> idle_mib;
  for (int i = 0; i < 3; ++i) {
    VT_TRY(const Service service, start_service({.data = data}));
    start_ms.push_back(service.start_ms);
    std::this_thread::sleep_for(std::chrono::seconds(1));
    idle_mib.push_back(static_cast<double>(resident_kib_of_family(service.process.pid())) / 1024);
  }
  const auto against_limit = [&](const std::string& name, double value, const std::string& unit, std::int64_t limit) {
    const auto most = static_cast<double>(limit);
    results.push_back({name, value, unit, "limit", most, value / most});
  };
  against_limit("idle_rss_mib", median(idle_mib), "MiB", idle_rss_mib_max);
  against_limit("start_ms", median(start_ms), "ms", start_ms_max);
  return {};
}

}  // namespace

Result<void> bench_http(bool json) {
  VT_TRY(const Programs programs, find_programs());
  if (!json) std::cerr << fmt::format("about {} s; leave the machine alone meanwhile\n", 4 * rounds * round_s + 8);
  const TemporaryDirectory directory;
  std::vector<BenchResult> results;
  VT_CHECK(compare_with_nginx(programs, directory.path(), results));
  const auto measured = measure_service(directory.path() / "data", results);
  print_bench("http", results, json);
  return measured;
}

}  // namespace vitrine::app
