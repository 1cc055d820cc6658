#include "app/service_process.hpp"

#include <chrono>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "http/client.hpp"

namespace vitrine::app {

void pin_to(int core) {
  if (std::thread::hardware_concurrency() <= static_cast<unsigned>(core)) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(core), &set);
  sched_setaffinity(0, sizeof set, &set);
}

Child Child::fork_and(const std::function<int()>& body, std::optional<int> core, Output output) {
  Child child;
  int ends[2] = {-1, -1};
  if (output == Output::captured) VT_ASSERT(::pipe2(ends, O_CLOEXEC) == 0);
  std::cout.flush();
  child.pid_ = ::fork();
  VT_ASSERT(child.pid_ >= 0);
  if (child.pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (core) pin_to(*core);
    if (output == Output::captured) ::dup2(ends[1], STDOUT_FILENO);
    ::_exit(body());
  }
  if (output == Output::captured) {
    ::close(ends[1]);
    child.output_ = ends[0];
  }
  return child;
}

Child Child::run(const std::vector<std::string>& words, std::optional<int> core, Output output) {
  return fork_and(
      [&words] {
        std::vector<char*> arguments;
        for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        ::execvp(arguments[0], arguments.data());
        return 127;
      },
      core, output);
}

std::optional<std::string> Child::first_line(int timeout_ms) {
  while (text_.find('\n') == text_.npos) {
    pollfd waiting{output_, POLLIN, 0};
    if (::poll(&waiting, 1, timeout_ms) <= 0 || !read_more()) return std::nullopt;
  }
  return text_.substr(0, text_.find('\n'));
}

bool Child::wait_for(std::string_view words, int timeout_ms) {
  const auto said = [&] { return text_.starts_with(words) || text_.find(fmt::format("\n{}", words)) != text_.npos; };
  while (!said()) {
    pollfd waiting{output_, POLLIN, 0};
    if (::poll(&waiting, 1, timeout_ms) <= 0 || !read_more()) return false;
  }
  return true;
}

bool Child::runs() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = -1;
  return pid_ > 0;
}

std::string Child::all_output() {
  while (read_more()) {
  }
  wait();
  return text_;
}

void Child::end() {
  if (pid_ > 0) ::kill(pid_, SIGTERM);
  wait();
  if (output_ >= 0) ::close(std::exchange(output_, -1));
}

bool Child::read_more() {
  char bytes[4096];
  const ssize_t count = ::read(output_, bytes, sizeof bytes);
  if (count > 0) text_.append(bytes, static_cast<std::size_t>(count));
  return count > 0;
}

void Child::wait() {
  if (pid_ > 0) ::waitpid(std::exchange(pid_, -1), nullptr, 0);
}

Result<void> wait_until_ok(const std::string& url, std::string_view target) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(ready_timeout_ms);
  while (std::chrono::steady_clock::now() < until) {
    http::Client client(url, {.timeout_ms = 1000});
    if (const auto response = client.send(http::Method::get, target); response && response->status == 200) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return fail(Errc::unavailable, "{}{} did not answer 200 within {} s", url, target, ready_timeout_ms / 1000);
}

Result<Service> start_service(const ServiceOptions& options) {
  constexpr std::string_view ready = "listening on ";
  Service service;
  const auto begun = std::chrono::steady_clock::now();
  std::vector<std::string> words{"/proc/self/exe", "serve", "--listen", "127.0.0.1:0", "--data", options.data};
  if (!options.config_file.empty()) words.insert(words.end(), {"--config", options.config_file});
  service.process = Child::run(words, options.core, Child::Output::captured);
  const auto line = service.process.first_line(options.start_timeout_ms);
  const std::size_t at = line ? line->find(ready) : std::string::npos;
  if (at == std::string::npos) return fail(Errc::unavailable, "`vitrine serve` did not say where it listens");
  service.url = line->substr(at + ready.size());
  VT_CHECK(wait_until_ok(service.url, "/readyz"));
  service.start_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count();
  return service;
}

}  // namespace vitrine::app
