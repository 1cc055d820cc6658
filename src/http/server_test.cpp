#include "http/server.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <latch>
#include <netinet/in.h>
#include <poll.h>
#include <random>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json.hpp"
#include "base/metrics.hpp"
#include "http/client.hpp"
#include "http/compression.hpp"

namespace vitrine::http {
namespace {

/// A raw connection: says exactly what a test wants said.
class Wire {
 public:
  explicit Wire(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(0, ::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address));
  }
  ~Wire() { hang_up(); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void hang_up() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  bool say(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// Everything until the server closes, or until `timeout_ms` of silence.
  std::string hear_all(int timeout_ms = 5000) {
    while (hear_more(timeout_ms)) {
    }
    return std::exchange(heard_, {});
  }
  /// Until `text` has come; what came, to its end.
  std::string hear_until(std::string_view text, int timeout_ms = 5000) {
    while (heard_.find(text) == heard_.npos) {
      if (!hear_more(timeout_ms)) return std::exchange(heard_, {});
    }
    const std::size_t end = heard_.find(text) + text.size();
    std::string result = heard_.substr(0, end);
    heard_.erase(0, end);
    return result;
  }
  /// One response with a Content-Length.
  std::string hear_response() {
    std::string head = hear_until("\r\n\r\n");
    const std::size_t at = head.find("Content-Length: ");
    const std::size_t length = at == head.npos ? 0 : std::stoul(head.substr(at + 16));
    while (heard_.size() < length && hear_more(5000)) {
    }
    head += heard_.substr(0, length);
    heard_.erase(0, std::min(length, heard_.size()));
    return head;
  }
  [[nodiscard]] bool closed_by_peer(int timeout_ms = 5000) { return !hear_more(timeout_ms) && ended_; }

 private:
  bool hear_more(int timeout_ms) {
    pollfd waiting{descriptor_, POLLIN, 0};
    if (::poll(&waiting, 1, timeout_ms) <= 0) return false;
    char bytes[65536];
    const ssize_t count = ::recv(descriptor_, bytes, sizeof bytes, 0);
    if (count <= 0) {
      ended_ = true;
      return false;
    }
    heard_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int descriptor_;
  bool ended_ = false;
  std::string heard_;
};

/// A file in a temporary directory, with known bytes.
class TestFile {
 public:
  explicit TestFile(std::size_t size) {
    std::string name = (std::filesystem::temp_directory_path() / "vitrine-http-XXXXXX").string();
    descriptor_ = ::mkstemp(name.data());
    ::unlink(name.c_str());
    bytes_.resize(size);
    std::mt19937 random(7);
    for (auto& byte : bytes_) byte = static_cast<char>(random());
    EXPECT_EQ(static_cast<ssize_t>(size), ::pwrite(descriptor_, bytes_.data(), size, 0));
  }
  ~TestFile() { ::close(descriptor_); }
  TestFile(const TestFile&) = delete;
  TestFile& operator=(const TestFile&) = delete;

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] Response response() const {
    Response response;
    response.headers.set("Content-Type", "video/mp4");
    response.headers.set("ETag", "\"v1\"");
    response.body = FileBody{descriptor_, static_cast<std::int64_t>(bytes_.size()), nullptr};
    return response;
  }

 private:
  int descriptor_;
  std::string bytes_;
};

struct SinkRecord {
  std::mutex mutex;
  std::string bytes;
  int finished = 0, aborted = 0;
  std::int64_t delay_ms = 0;
  std::size_t fail_after = std::string::npos;

  /// Waits until the sink has ended.
  bool ended() {
    for (int i = 0; i < 500; ++i) {
      {
        std::lock_guard lock(mutex);
        if (finished + aborted > 0) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
};

class RecordingSink final : public BodySink {
 public:
  explicit RecordingSink(SinkRecord& record) : record_(record) {}
  Result<void> write(std::span<const char> bytes) override {
    if (record_.delay_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(record_.delay_ms));
    std::lock_guard lock(record_.mutex);
    record_.bytes.append(bytes.data(), bytes.size());
    if (record_.bytes.size() > record_.fail_after) return fail(Errc::storage_full, "the disk is full");
    return {};
  }
  Response finish() override {
    std::lock_guard lock(record_.mutex);
    ++record_.finished;
    return Response::text(200, "text/plain", std::to_string(record_.bytes.size()));
  }
  void abort() override {
    std::lock_guard lock(record_.mutex);
    ++record_.aborted;
  }

 private:
  SinkRecord& record_;
};

constexpr std::int64_t small_body_max = 1000;
constexpr std::int64_t upload_max = 8 << 20;

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    options_.listen = "127.0.0.1:0";
    options_.io_threads = 2;
    options_.worker_threads = 4;
    options_.header_timeout_ms = 300;
    options_.body_idle_timeout_ms = 300;
    options_.write_timeout_ms = 1000;
    options_.event_heartbeat_ms = 100;
  }

  void start() {
    const RouteOptions quick{.run = Run::inline_, .body_bytes_max = small_body_max};
    const RouteOptions slow{.run = Run::worker, .body_bytes_max = small_body_max};
    const auto echo = [](const Request& request) { return Response::text(200, "text/plain", request.body); };
    router_.add(
        Method::get, "/", [](const Request&) { return Response::text(200, "text/plain", "root"); }, quick);
    router_.add(
        Method::get, "/hello", [](const Request&) { return Response::json(200, R"({"hello":"world"})"); }, quick);
    router_.add(Method::post, "/echo", echo, quick);
    router_.add(Method::post, "/echo-worker", echo, slow);
    router_.add(
        Method::get, "/videos/{id}",
        [](const Request& request) {
          return Response::text(200, "text/plain", fmt::format("video {}", request.parameter("id")));
        },
        slow);
    router_.add(
        Method::del, "/videos/{video}", [](const Request&) { return Response::empty(204); }, slow);
    router_.add(
        Method::get, "/videos/latest", [](const Request&) { return Response::text(200, "text/plain", "latest"); },
        quick);
    router_.add(
        Method::get, "/files/{path*}",
        [](const Request& request) {
          return Response::text(200, "text/plain", fmt::format("file {}", request.parameter("path")));
        },
        quick);
    router_.add(
        Method::get, "/@{handle}",
        [](const Request& request) {
          return Response::text(200, "text/plain", fmt::format("profile {}", request.parameter("handle")));
        },
        quick);
    router_.add(
        Method::get, "/query",
        [](const Request& request) {
          return Response::text(200, "text/plain", std::string(request.query_value("q").value_or("none")));
        },
        quick);
    router_.add(
        Method::get, "/cookie",
        [](const Request& request) {
          return Response::text(200, "text/plain", std::string(request.cookie("session").value_or("none")));
        },
        quick);
    router_.add(
        Method::get, "/network",
        [](const Request& request) {
          return Response::text(200, "text/plain", fmt::format("{} {}", request.network_token, request.secure));
        },
        quick);
    router_.add(
        Method::get, "/throws", [](const Request&) -> Response { throw std::runtime_error("secret"); }, slow);
    router_.add(
        Method::get, "/file", [this](const Request&) { return file_->response(); }, quick);
    router_.add_upload(
        Method::put, "/upload",
        [this](const Request& request) -> std::variant<std::unique_ptr<BodySink>, Response> {
          if (request.headers.find("X-Refuse")) return problem({Errc::conflict, "not now"});
          return std::make_unique<RecordingSink>(sink_);
        },
        upload_max);
    server_ = std::make_unique<Server>(options_, std::move(router_));
    const auto started = server_->start();
    ASSERT_TRUE(started) << started.error().message;
  }

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}", port()); }
  ClientResponse get(std::string_view target, const Headers& headers = {}) {
    return send(Method::get, target, headers);
  }
  ClientResponse send(Method method, std::string_view target, const Headers& headers = {}, std::string_view body = {}) {
    Client client(url());
    auto response = client.send(method, target, headers, body);
    EXPECT_TRUE(response) << response.error().message;
    return response ? *response : ClientResponse{};
  }
  /// Sends raw bytes on a new connection and hears until it closes.
  std::string exchange(std::string_view text) {
    Wire wire(port());
    wire.say(text);
    return wire.hear_all();
  }

  ServerOptions options_;
  Router router_;
  SinkRecord sink_;
  std::unique_ptr<TestFile> file_;
  std::unique_ptr<Server> server_;
};

Headers with(std::string_view name, std::string_view value) {
  Headers headers;
  headers.set(name, value);
  return headers;
}

TEST_F(ServerTest, RoutesByPathAndMethod) {
  start();
  EXPECT_EQ("root", get("/").body);
  EXPECT_EQ(R"({"hello":"world"})", get("/hello").body);
  EXPECT_EQ("video 42", get("/videos/42").body);
  EXPECT_EQ("latest", get("/videos/latest").body) << "a literal goes before a parameter";
  EXPECT_EQ("file a/b/c.mp4", get("/files/a/b/c.mp4").body);
  EXPECT_EQ("profile ada", get("/@ada").body);
  EXPECT_EQ(204, send(Method::del, "/videos/42").status);
  for (const auto* target : {"/files/", "/files", "/videos/42/", "/videos//", "/hello/", "/@", "/nothing"})
    EXPECT_EQ(404, get(target).status) << target;
}

TEST_F(ServerTest, DecodesTargets) {
  start();
  EXPECT_EQ("video caf\xC3\xA9 x", get("/videos/caf%C3%A9%20x").body);
  EXPECT_EQ("a b&c", get("/query?x=1&q=a+b%26c").body);
  EXPECT_EQ("none", get("/query").body);
  for (const auto* target : {"/videos/%", "/videos/%4", "/videos/%zz", "/videos/%00", "/videos/%FF", "/videos/%C0%80",
                             "/videos/%ED%A0%80", "/files/../x", "/files/%2e%2e/x", "/files/./x", "/files/a%2Fb",
                             "/files/a%0Ab", "/query?q=%FF", "/query?q=%00"}) {
    const auto response = get(target);
    EXPECT_EQ(400, response.status) << target;
    EXPECT_EQ("application/problem+json", response.headers.get("Content-Type")) << target;
  }
}

TEST_F(ServerTest, ProblemsAreDocuments) {
  start();
  const auto response = get("/nothing");
  const auto document = parse_json(response.body);
  ASSERT_TRUE(document);
  EXPECT_EQ("/problems/not-found", document->at("type").as_string());
  EXPECT_EQ("Not Found", document->at("title").as_string());
  EXPECT_EQ(404, document->at("status").as_int64());
}

TEST_F(ServerTest, OtherMethodsGet405WithAllow) {
  start();
  const auto response = send(Method::put, "/videos/42");
  EXPECT_EQ(405, response.status);
  EXPECT_EQ("GET, HEAD, DELETE, OPTIONS", response.headers.get("Allow"));
  const auto options = send(Method::options, "/echo");
  EXPECT_EQ(204, options.status);
  EXPECT_EQ("POST, OPTIONS", options.headers.get("Allow"));
  EXPECT_TRUE(exchange("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 501 "));
}

TEST_F(ServerTest, HeadHasTheLengthButNoBody) {
  start();
  Wire wire(port());
  wire.say("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto head = wire.hear_until("\r\n\r\n");
  EXPECT_NE(head.npos, head.find("Content-Length: 17\r\n"));
  EXPECT_TRUE(wire.hear_response().ends_with("\r\n\r\nroot"));
}

TEST_F(ServerTest, LongTextsArePackedForWhoTakesThem) {
  start();
  const std::string text(5'000, 'a'), target = "/query?q=" + text;
  Headers headers;
  headers.set("Accept-Encoding", "gzip");
  const auto packed = get(target, headers);
  EXPECT_EQ("gzip", packed.headers.get("Content-Encoding"));
  EXPECT_EQ(text, *gunzip(packed.body, text.size()));
  EXPECT_EQ(text, get(target).body);
}

TEST_F(ServerTest, BodiesUpToTheLimit) {
  start();
  for (const auto* path : {"/echo", "/echo-worker"}) {
    const std::string at_limit(small_body_max, 'x');
    EXPECT_EQ(at_limit, send(Method::post, path, {}, at_limit).body);
    EXPECT_EQ("", send(Method::post, path, {}, "").body);
    EXPECT_EQ(413, send(Method::post, path, {}, at_limit + "x").status);
  }
}

std::string chunked(std::string_view body, std::size_t chunk) {
  std::string text;
  for (; !body.empty(); body.remove_prefix(std::min(chunk, body.size())))
    text += fmt::format("{:x}\r\n{}\r\n", std::min(chunk, body.size()), body.substr(0, chunk));
  return text + "0\r\n\r\n";
}

TEST_F(ServerTest, ChunkedBodiesUpToTheLimit) {
  start();
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::size_t chunk : {1, 7, 1000}) {
    Wire wire(port());
    const std::string at_limit(small_body_max, 'x');
    wire.say(head + chunked(at_limit, chunk) + head + chunked("next", 4));
    EXPECT_TRUE(wire.hear_response().ends_with("\r\n\r\n" + at_limit));
    EXPECT_TRUE(wire.hear_response().ends_with("\r\n\r\nnext"));
    EXPECT_TRUE(exchange(head + chunked(at_limit + "x", chunk)).starts_with("HTTP/1.1 413 ")) << chunk;
  }
  EXPECT_TRUE(exchange(head + "zz\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(exchange(head + "3\r\nabcd\r\n0\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

TEST_F(ServerTest, ChunkedBodiesInAnyPieces) {
  start();
  const std::string text =
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n";
  const std::string empty = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (const auto& [request, answer] : {std::pair(text, "\r\n\r\nabc"), std::pair(empty, "\r\n\r\n")}) {
    Wire wire(port());
    for (const char c : request) {
      ASSERT_TRUE(wire.say({&c, 1}));
      std::this_thread::sleep_for(std::chrono::microseconds(300));
    }
    EXPECT_TRUE(wire.hear_response().ends_with(answer));
  }
}

TEST_F(ServerTest, HeadsUpToTheLimit) {
  start();
  const std::string begin = "GET / HTTP/1.1\r\nHost: x\r\nX-Long: ";
  const std::size_t fill = static_cast<std::size_t>(options_.header_bytes_max) - begin.size() - 4;
  Wire wire(port());
  wire.say(begin + std::string(fill, 'a') + "\r\n\r\n");
  EXPECT_TRUE(wire.hear_response().starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(exchange(begin + std::string(fill + 1, 'a') + "\r\n\r\n").starts_with("HTTP/1.1 431 "));
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 99; ++i) many += fmt::format("A{}: b\r\n", i);
  Wire hundred(port());
  hundred.say(many + "\r\n");
  EXPECT_TRUE(hundred.hear_response().starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(exchange(many + "X: y\r\n\r\n").starts_with("HTTP/1.1 431 "));
}

TEST_F(ServerTest, RefusesAmbiguousRequests) {
  start();
  const auto post = [](std::string_view fields) {
    return fmt::format("POST /echo HTTP/1.1\r\n{}\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", fields);
  };
  for (const auto& request : {
           post("Host: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
           post("Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
           post("Host: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n"),
           post("Host: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n"),
           post("Host: x\r\nContent-Length: 5, 5\r\n"),
           post("Host: x\r\nContent-Length: +5\r\n"),
           post("Host: x\r\nContent-Length: -5\r\n"),
           post("Host: x\r\nContent-Length: 99999999999999999999\r\n"),
           post("Host: x\r\nContent-Length : 5\r\n"),
           post("Host: x\r\nX: a\r\n b\r\nContent-Length: 5\r\n"),
           post("Host: x\r\nX: a\nContent-Length: 5\r\n"),
           post("Host: x\r\nX: a\rb\r\nContent-Length: 5\r\n"),
           post("Host: x\r\nHost: y\r\nContent-Length: 5\r\n"),
           post("Content-Length: 5\r\n"),
           std::string("GET /  HTTP/1.1\r\nHost: x\r\n\r\n"),
           std::string("GET / HTTP/1.1\nHost: x\n\n"),
           std::string("\x16\x03\x01\x02\r\n\r\n"),
           std::string("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
       }) {
    const auto answer = exchange(request);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << request << "\n→ " << answer;
    EXPECT_EQ(answer.rfind("HTTP/1.1 "), 0u) << "one answer, then the connection ends\n" << request << "\n" << answer;
    EXPECT_NE(answer.npos, answer.find("Connection: close\r\n"));
  }
  EXPECT_TRUE(exchange(post("Host: x\r\nTransfer-Encoding: gzip\r\n")).starts_with("HTTP/1.1 501 "));
  EXPECT_TRUE(exchange(post("Host: x\r\nTransfer-Encoding: gzip, chunked\r\n")).starts_with("HTTP/1.1 501 "));
  EXPECT_TRUE(exchange("GET / HTTP/2.0\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 505 "));
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += fmt::format("GET /videos/{} HTTP/1.1\r\nHost: x\r\n\r\n", i);
  Wire wire(port());
  wire.say(requests);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(wire.hear_response().ends_with(fmt::format("\r\n\r\nvideo {}", i)));
}

TEST_F(ServerTest, Http10ClosesUnlessAsked) {
  start();
  const auto closing = exchange("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_NE(closing.npos, closing.find("Connection: close\r\n"));
  Wire wire(port());
  wire.say("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(std::string::npos, wire.hear_response().find("Connection: keep-alive\r\n"));
  wire.say("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(wire.hear_response().ends_with("root"));
}

TEST_F(ServerTest, SlowHeadsAndBodiesTimeOut) {
  start();
  Wire head(port()), body(port()), trickle(port());
  head.say("GET / HTTP/1.1\r\nHost:");
  body.say("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  trickle.say("GET / HT");
  for (int i = 0; i < 10; ++i) {
    trickle.say("T");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(head.hear_all().starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(body.hear_all().starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(trickle.hear_all().starts_with("HTTP/1.1 408 ")) << "the whole head has one deadline";
}

TEST_F(ServerTest, IdleConnectionsAreClosedSilently) {
  options_.idle_timeout_ms = 200;
  start();
  Wire unused(port()), used(port());
  used.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(used.hear_response().ends_with("root"));
  EXPECT_TRUE(used.closed_by_peer());
  EXPECT_TRUE(unused.closed_by_peer());
}

TEST_F(ServerTest, ClientsThatDoNotReadAreClosed) {
  options_.write_timeout_ms = 200;
  file_ = std::make_unique<TestFile>(50 << 20);
  start();
  Wire wire(port());
  wire.say("GET /file HTTP/1.1\r\nHost: x\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(800));
  EXPECT_LT(wire.hear_all().size(), file_->bytes().size());
}

TEST_F(ServerTest, ConnectionLimit) {
  options_.connections_max = 2;
  start();
  Wire first(port()), second(port());
  for (Wire* wire : {&first, &second}) {
    wire->say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(wire->hear_response().ends_with("root"));
  }
  const auto refused = exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
  first.hang_up();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ("root", get("/").body);
}

TEST_F(ServerTest, ConnectionLimitOfAnAddress) {
  options_.connections_per_address_max = 1;
  start();
  Wire first(port());
  first.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(first.hear_response().ends_with("root"));
  EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 503 "));
}

TEST_F(ServerTest, FilesArriveWhole) {
  file_ = std::make_unique<TestFile>(50 << 20);
  start();
  const auto response = get("/file");
  EXPECT_EQ(200, response.status);
  EXPECT_EQ("bytes", response.headers.get("Accept-Ranges"));
  EXPECT_TRUE(response.body == file_->bytes());
}

TEST_F(ServerTest, RangesAreTheFilesBytes) {
  file_ = std::make_unique<TestFile>(1 << 20);
  start();
  Client client(url());
  std::mt19937 random(20);
  const auto size = static_cast<std::int64_t>(file_->bytes().size());
  for (int i = 0; i < 300; ++i) {
    const std::int64_t first = static_cast<std::int64_t>(random()) % (size + 10);
    const std::int64_t last = first + static_cast<std::int64_t>(random()) % 300'000;
    const int form = static_cast<int>(random() % 3);
    const auto range = form == 0   ? fmt::format("bytes={}-{}", first, last)
                       : form == 1 ? fmt::format("bytes={}-", first)
                                   : fmt::format("bytes=-{}", first);
    const auto begin = form == 2 ? std::max<std::int64_t>(0, size - first) : first;
    const auto end = form == 0 ? std::min(last + 1, size) : size;
    const auto response = client.send(Method::get, "/file", with("Range", range));
    ASSERT_TRUE(response);
    if (begin >= size) {
      EXPECT_EQ(416, response->status) << range;
      EXPECT_EQ(fmt::format("bytes */{}", size), response->headers.get("Content-Range"));
      EXPECT_EQ("application/problem+json", response->headers.get("Content-Type"));
      continue;
    }
    EXPECT_EQ(206, response->status) << range;
    EXPECT_EQ(fmt::format("bytes {}-{}/{}", begin, end - 1, size), response->headers.get("Content-Range"));
    EXPECT_TRUE(response->body ==
                file_->bytes().substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)))
        << range;
  }
}

TEST_F(ServerTest, ConditionsOfFiles) {
  file_ = std::make_unique<TestFile>(1000);
  start();
  const auto unchanged = get("/file", with("If-None-Match", "W/\"v0\", \"v1\""));
  EXPECT_EQ(304, unchanged.status);
  EXPECT_EQ("\"v1\"", unchanged.headers.get("ETag"));
  EXPECT_EQ("", unchanged.body);
  EXPECT_EQ(200, get("/file", with("If-None-Match", "\"v2\"")).status);
  Headers headers = with("Range", "bytes=0-9");
  headers.set("If-Range", "\"v1\"");
  EXPECT_EQ(206, get("/file", headers).status);
  headers.set("If-Range", "\"v2\"");
  EXPECT_EQ(200, get("/file", headers).status);
  EXPECT_EQ(200, get("/file", with("Range", "bytes=0-1,5-6")).status) << "several ranges: the whole file";
  const auto head = send(Method::head, "/file", with("Range", "bytes=0-9"));
  EXPECT_EQ(200, head.status);
  EXPECT_EQ("1000", head.headers.get("Content-Length"));
}

TEST_F(ServerTest, EmptyFiles) {
  file_ = std::make_unique<TestFile>(0);
  start();
  EXPECT_EQ(200, get("/file").status);
  EXPECT_EQ(416, get("/file", with("Range", "bytes=0-")).status);
}

TEST_F(ServerTest, UploadsReachTheSink) {
  start();
  std::string body(5'000'000, '\0');
  std::mt19937 random(3);
  for (auto& byte : body) byte = static_cast<char>(random());
  const auto response = send(Method::put, "/upload", {}, body);
  EXPECT_EQ("5000000", response.body);
  EXPECT_TRUE(sink_.bytes == body);
  EXPECT_EQ(1, sink_.finished);
  EXPECT_EQ(0, sink_.aborted);
}

TEST_F(ServerTest, ChunkedUploadsReachTheSink) {
  start();
  Wire wire(port());
  const std::string body(1'000'000, 'y');
  wire.say("PUT /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body, 10'007));
  EXPECT_TRUE(wire.hear_response().ends_with("1000000"));
  EXPECT_TRUE(sink_.bytes == body);
}

TEST_F(ServerTest, EmptyUploadsFinish) {
  start();
  EXPECT_EQ("0", send(Method::put, "/upload").body);
  EXPECT_EQ(1, sink_.finished);
}

TEST_F(ServerTest, UploadLimit) {
  start();
  Wire wire(port());
  wire.say(fmt::format("PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\nabc", upload_max + 1));
  EXPECT_TRUE(wire.hear_all().starts_with("HTTP/1.1 413 "));
  EXPECT_EQ(0, sink_.finished + sink_.aborted);
  const std::string over(upload_max + 1, 'z');
  EXPECT_TRUE(exchange("PUT /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(over, 100'000))
                  .starts_with("HTTP/1.1 413 "));
  EXPECT_EQ(1, sink_.aborted);
  EXPECT_EQ(static_cast<std::size_t>(upload_max), sink_.bytes.size());
}

TEST_F(ServerTest, UploadsCutOffKeepWhatCame) {
  start();
  Wire wire(port());
  wire.say("PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + std::string(300'000, 'c'));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  wire.hang_up();
  ASSERT_TRUE(sink_.ended());
  EXPECT_EQ(1, sink_.aborted);
  EXPECT_EQ(0, sink_.finished);
  EXPECT_EQ(300'000u, sink_.bytes.size());
}

TEST_F(ServerTest, UploadsThatStallTimeOut) {
  start();
  Wire wire(port());
  wire.say("PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc");
  EXPECT_TRUE(wire.hear_all().starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(1, sink_.aborted);
  EXPECT_EQ("abc", sink_.bytes);
}

TEST_F(ServerTest, FailedWritesEndTheUpload) {
  sink_.fail_after = 100'000;
  start();
  const auto response = send(Method::put, "/upload", {}, std::string(3'000'000, 'f'));
  EXPECT_EQ(507, response.status);
  EXPECT_EQ(1, sink_.aborted);
}

TEST_F(ServerTest, ExpectContinue) {
  start();
  Wire wire(port());
  wire.say("PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ("HTTP/1.1 100 Continue\r\n\r\n", wire.hear_until("\r\n\r\n"));
  wire.say("abc");
  EXPECT_TRUE(wire.hear_response().ends_with("\r\n\r\n3"));
  wire.say("PUT /upload HTTP/1.1\r\nHost: x\r\nX-Refuse: 1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  const auto refused = wire.hear_all();
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 409 ")) << refused;
  EXPECT_TRUE(exchange("PUT /upload HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nContent-Length: 3\r\n\r\nabc")
                  .starts_with("HTTP/1.1 417 "));
}

TEST_F(ServerTest, RefusedUploadsWithShortBodiesKeepTheConnection) {
  start();
  Wire wire(port());
  wire.say(
      "PUT /upload HTTP/1.1\r\nHost: x\r\nX-Refuse: 1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: "
      "x\r\n\r\n");
  EXPECT_TRUE(wire.hear_response().starts_with("HTTP/1.1 409 "));
  EXPECT_TRUE(wire.hear_response().ends_with("root"));
}

TEST_F(ServerTest, AnInlineRouteThatHasToWaitIsTakenByAWorker) {
  options_.io_threads = 1;
  router_.add(
      Method::get, "/thread",
      [](const Request&) {
        return Response::text(200, "text/plain",
                              fmt::to_string(std::hash<std::thread::id>{}(std::this_thread::get_id())));
      },
      {.run = Run::inline_, .blocks = [](const Request& request) { return request.query_value("wait").has_value(); }});
  start();
  const auto inline_thread = get("/thread").body;
  EXPECT_EQ(inline_thread, get("/thread").body);
  EXPECT_NE(inline_thread, get("/thread?wait=1").body);
}

TEST_F(ServerTest, GuardGoesFirst) {
  router_.set_guard([](const Request& request, std::string_view pattern) -> std::optional<Response> {
    if (request.headers.find("X-Evil")) return problem({Errc::forbidden, std::string(pattern)});
    return std::nullopt;
  });
  start();
  EXPECT_EQ(200, get("/videos/1").status);
  const auto refused = get("/videos/1", with("X-Evil", "yes"));
  EXPECT_EQ(403, refused.status);
  EXPECT_NE(refused.body.npos, refused.body.find("/videos/{id}"));
  EXPECT_EQ(403, send(Method::put, "/upload", with("X-Evil", "yes"), "abc").status);
  EXPECT_EQ(0, sink_.finished + sink_.aborted);
}

TEST_F(ServerTest, TheFrontGoesBeforeEverything) {
  int guarded = 0;
  router_.set_guard([&guarded](const Request&, std::string_view) -> std::optional<Response> {
    ++guarded;
    return std::nullopt;
  });
  router_.set_front([](const Request& request) -> std::optional<Response> {
    if (!request.headers.find("X-Evil")) return std::nullopt;
    return problem({Errc::forbidden, fmt::format("not from {}", request.client_address)});
  });
  start();
  for (const auto path : {"/", "/videos/1", "/nowhere"}) {
    const auto refused = get(path, with("X-Evil", "yes"));
    EXPECT_EQ(403, refused.status) << path;
    EXPECT_NE(refused.body.npos, refused.body.find("not from 127.0.0.1"));
  }
  EXPECT_EQ(403, send(Method::put, "/upload", with("X-Evil", "yes"), "abc").status);
  EXPECT_EQ(403, send(Method::post, "/echo", with("X-Evil", "yes"), std::string(200'000, 'x')).status);
  EXPECT_EQ(0, guarded);
  EXPECT_EQ(0, sink_.finished + sink_.aborted);
  Wire wire(server_->port());
  wire.say("POST /echo HTTP/1.1\r\nHost: x\r\nX-Evil: yes\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_TRUE(wire.hear_until("}").contains("403 Forbidden"));
  wire.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(wire.hear_until("root").contains("200 OK")) << "others may come over the same connection of a proxy";
  EXPECT_EQ(1, guarded);
}

TEST_F(ServerTest, DefaultHeadersUnlessSet) {
  Headers defaults;
  defaults.set("X-Content-Type-Options", "nosniff");
  defaults.set("content-type", "never/seen");
  router_.set_default_headers(defaults);
  start();
  const auto response = get("/hello");
  EXPECT_EQ("nosniff", response.headers.get("X-Content-Type-Options"));
  EXPECT_EQ("application/json", response.headers.get("Content-Type"));
  EXPECT_EQ("nosniff", get("/nothing").headers.get("X-Content-Type-Options"));
}

TEST_F(ServerTest, FallbackAnswersTheRest) {
  router_.set_fallback([](const Request& request) { return Response::text(200, "text/html", request.path); });
  start();
  EXPECT_EQ("/any/where", get("/any/where").body);
  EXPECT_EQ(405, send(Method::put, "/hello").status);
}

TEST_F(ServerTest, ThrowingHandlersAreProblems) {
  start();
  const auto response = get("/throws");
  EXPECT_EQ(500, response.status);
  EXPECT_EQ(response.body.npos, response.body.find("secret"));
}

TEST_F(ServerTest, FieldsWithLineBreaksAreDropped) {
  router_.add(Method::get, "/injected", [](const Request&) {
    Response response = Response::text(200, "text/plain", "x");
    response.headers.set("Location", "a\r\nSet-Cookie: b=c");
    response.headers.set("Content-Length", "999");
    return response;
  });
  start();
  const auto response = get("/injected");
  EXPECT_EQ("x", response.body);
  EXPECT_FALSE(response.headers.find("Set-Cookie"));
}

TEST_F(ServerTest, CookiesAndQuotes) {
  start();
  EXPECT_EQ("abc", get("/cookie", with("Cookie", "a=b; session=abc; c=d")).body);
  EXPECT_EQ("abc", get("/cookie", with("Cookie", "session=\"abc\"")).body);
  EXPECT_EQ("none", get("/cookie", with("Cookie", "xsession=abc; Session=x")).body);
  EXPECT_EQ("vs=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure", make_cookie("vs", "x", 60, true));
}

TEST_F(ServerTest, ForwardedFieldsOnlyFromTrustedProxies) {
  start();
  Headers forwarded = with("X-Forwarded-For", "203.0.113.7, 198.51.100.9");
  forwarded.set("X-Forwarded-Proto", "https");
  EXPECT_EQ(get("/network").body, get("/network", forwarded).body);
  server_.reset();

  options_.trusted_proxies = {"127.0.0.1"};
  router_ = Router();
  start();
  const auto own = get("/network").body;
  const auto through = get("/network", forwarded).body;
  EXPECT_NE(own, through);
  EXPECT_TRUE(through.ends_with(" true"));
  EXPECT_TRUE(own.ends_with(" false"));
  EXPECT_EQ(through, get("/network",
                         [] {
                           Headers same_network = with("X-Forwarded-For", "192.0.2.1, 198.51.100.200");
                           same_network.set("X-Forwarded-Proto", "https");
                           return same_network;
                         }())
                         .body)
      << "the rightmost address counts, by its /24";
}

TEST_F(ServerTest, EventStreams) {
  std::latch sent(1);
  router_.add(Method::get, "/events", [&](const Request&) {
    Response response;
    response.body = EventStreamBody{[&](std::shared_ptr<EventSender> sender) {
      std::thread([sender = std::move(sender), &sent]() mutable {
        sender->send("progress", "1");
        std::this_thread::sleep_for(std::chrono::milliseconds(250));
        sender->send("progress", "two\nlines");
        sender.reset();
        sent.count_down();
      }).detach();
    }};
    return response;
  });
  start();
  const auto answer = exchange("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  sent.wait();
  EXPECT_NE(answer.npos, answer.find("Content-Type: text/event-stream\r\n"));
  EXPECT_NE(answer.npos, answer.find("event: progress\ndata: 1\n\n"));
  EXPECT_NE(answer.npos, answer.find(":\n\n")) << "a heartbeat in the silence";
  EXPECT_TRUE(answer.ends_with("event: progress\ndata: two\ndata: lines\n\n"));
}

TEST_F(ServerTest, EventStreamsEndForClientsThatLeaveOrDoNotRead) {
  std::mutex mutex;
  std::vector<std::shared_ptr<EventSender>> senders;
  router_.add(Method::get, "/events", [&](const Request&) {
    Response response;
    response.body = EventStreamBody{[&](std::shared_ptr<EventSender> sender) {
      sender->send("", "hello");
      std::lock_guard lock(mutex);
      senders.push_back(std::move(sender));
    }};
    return response;
  });
  start();
  const auto wait_until_refused = [&](EventSender& sender, const std::string& data) {
    for (int i = 0; i < 3000; ++i) {
      if (!sender.send("", data)) return true;
      if (data.size() < 100) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  };
  auto leaving = std::make_unique<Wire>(port());
  leaving->say("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  leaving->hear_until("data: hello\n\n");
  leaving.reset();
  EXPECT_TRUE(wait_until_refused(*senders.at(0), "x"));

  Wire deaf(port());
  deaf.say("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  deaf.hear_until("data: hello\n\n");
  EXPECT_TRUE(wait_until_refused(*senders.at(1), std::string(10'000, 'x')));

  Wire open(port());
  open.say("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  open.hear_until("data: hello\n\n");
  server_->stop(5000);
  EXPECT_FALSE(senders.at(2)->send("", "late"));
}

TEST_F(ServerTest, StopLetsRequestsUnderWayFinish) {
  std::latch under_way(1);
  router_.add(Method::get, "/slow", [&](const Request&) {
    under_way.count_down();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return Response::text(200, "text/plain", "slow but done");
  });
  start();
  Wire slow(port()), idle(port());
  idle.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.hear_response();
  slow.say("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  under_way.wait();
  const auto stopping = std::chrono::steady_clock::now();
  std::thread stopper([&] { server_->stop(5000); });
  const auto answer = slow.hear_response();
  EXPECT_TRUE(answer.ends_with("slow but done")) << answer;
  EXPECT_NE(answer.npos, answer.find("Connection: close\r\n"));
  EXPECT_TRUE(idle.closed_by_peer());
  slow.hang_up();
  stopper.join();
  EXPECT_LT(std::chrono::steady_clock::now() - stopping, std::chrono::seconds(3));
}

TEST_F(ServerTest, StopCutsOffWhatTakesTooLong) {
  options_.body_idle_timeout_ms = 60'000;
  start();
  Wire wire(port());
  wire.say("PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  server_->stop(100);
  EXPECT_EQ(1, sink_.aborted);
}

TEST_F(ServerTest, APortInUseIsAnError) {
  start();
  ServerOptions same = options_;
  same.listen = fmt::format("127.0.0.1:{}", port());
  Server second(same, Router());
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(Errc::unavailable, started.error().code);
  for (const auto* bad : {"", "8080", "127.0.0.1:", "127.0.0.1:http", "nowhere.invalid:80"}) {
    same.listen = bad;
    Server wrong(same, Router());
    const auto result = wrong.start();
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(Errc::invalid_argument, result.error().code) << bad;
  }
}

TEST_F(ServerTest, TwoHundredConnections) {
  file_ = std::make_unique<TestFile>(1 << 20);
  start();
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 20; ++t) {
      threads.emplace_back([&] {
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < 10; ++i) clients.push_back(std::make_unique<Client>(url()));
        for (int round = 0; round < 5; ++round) {
          for (auto& client : clients) {
            const auto json = client->send(Method::get, "/hello");
            const auto range = client->send(Method::get, "/file", with("Range", "bytes=1000-1999"));
            const auto video = client->send(Method::get, "/videos/7");
            if (json && json->status == 200 && range && range->body == file_->bytes().substr(1000, 1000) && video &&
                video->body == "video 7")
              ++good;
          }
        }
      });
    }
  }
  EXPECT_EQ(20 * 10 * 5, good);
}

TEST_F(ServerTest, ClientsReconnectOnce) {
  options_.idle_timeout_ms = 100;
  start();
  Client client(url());
  for (int i = 0; i < 3; ++i) {
    const auto response = client.send(Method::get, "/");
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ("root", response->body);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
}

TEST_F(ServerTest, CountsRequestsByRoute) {
  start();
  get("/videos/secret-id");
  const auto text = metrics::render();
  EXPECT_NE(text.npos, text.find("vitrine_http_requests_total{method=\"GET\",route=\"/videos/{id}\",status=\"2xx\"}"));
  EXPECT_EQ(text.npos, text.find("secret-id"));
}

}  // namespace
}  // namespace vitrine::http
