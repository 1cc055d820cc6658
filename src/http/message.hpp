// Requests and responses in our own types: nothing of the library underneath shows.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace vitrine::http {

enum class Method { get, head, post, put, patch, del, options };
[[nodiscard]] std::string_view name(Method method);

/// Header fields in order of arrival; names compare without case.
class Headers {
 public:
  void set(std::string_view name, std::string_view value);  ///< replaces
  void add(std::string_view name, std::string_view value);  ///< appends (Set-Cookie)
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::string_view get(std::string_view name) const { return find(name).value_or(""); }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// A parsed request. Path parameters and query values are percent-decoded, valid UTF-8.
struct Request {
  Method method = Method::get;
  std::string path;                                             ///< decoded, starts with '/'
  std::vector<std::pair<std::string, std::string>> query;       ///< decoded, in order
  std::vector<std::pair<std::string, std::string>> parameters;  ///< from the route's pattern
  Headers headers;
  std::string body;  ///< whole, within the route's limit; empty for uploads
  /// Opaque token of the client's network (/24 or /56): a keyed hash whose key lives in memory and changes daily.
  /// Only for rate limits; never stored or logged.
  std::string network_token;
  std::string client_address;  ///< only ever to be sealed; never stored or logged as it is
  bool secure = false;         ///< came over TLS (as told by a trusted proxy)

  [[nodiscard]] std::string_view parameter(std::string_view name) const;  ///< asserts it exists
  [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const;
};

/// A file (or part) to be sent by sendfile(2). The server answers Range, If-None-Match and HEAD itself.
struct FileBody {
  int descriptor = -1;
  std::int64_t size = 0;             ///< bytes of the whole file
  std::shared_ptr<const void> keep;  ///< keeps the descriptor open
};

/// Bytes that outlive the program's run (embedded assets): sent without a copy.
struct StaticBody {
  std::string_view bytes;
};

/// Server-sent events (WHATWG HTML §9.2). The handler returns at once; `run` is called with a way to send, which may be
/// used from any thread until it returns false (the client has gone) or is destroyed (ends the stream).
class EventSender {
 public:
  virtual ~EventSender() = default;
  virtual bool send(std::string_view event, std::string_view data) = 0;
};
struct EventStreamBody {
  std::function<void(std::shared_ptr<EventSender>)> run;
};

struct Response {
  int status = 200;
  Headers headers;
  std::variant<std::string, StaticBody, FileBody, EventStreamBody> body;

  [[nodiscard]] static Response text(int status, std::string_view content_type, std::string body);
  [[nodiscard]] static Response json(int status, std::string body) {
    return text(status, "application/json", std::move(body));
  }
  [[nodiscard]] static Response empty(int status) { return Response{status, {}, std::string()}; }
};

/// RFC 9457: {"type","title","status","detail"}; `type` is "/problems/<code>", a page that explains it.
/// A 429 comes with a Retry-After of a minute; who knows better sets their own.
[[nodiscard]] Response problem(const Error& error);
[[nodiscard]] Response problem(int status, std::string_view code, std::string_view title, std::string_view detail);
/// The HTTP status of an error code.
[[nodiscard]] int status_of(Errc code);

/// Takes a request body piece by piece, off the I/O thread. Exactly one of finish and abort is called, last.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// A failed write ends the request with that problem; what was written stays the sink's to keep.
  [[nodiscard]] virtual Result<void> write(std::span<const char> bytes) = 0;
  [[nodiscard]] virtual Response finish() = 0;
  /// The client has gone, or was too slow, before the whole body arrived.
  virtual void abort() = 0;
};

/// "name=value" for Set-Cookie with Path=/, HttpOnly, SameSite=Lax, Secure if `secure`; max_age_s 0 deletes.
[[nodiscard]] std::string make_cookie(std::string_view name, std::string_view value, std::int64_t max_age_s,
                                      bool secure);

}  // namespace vitrine::http
