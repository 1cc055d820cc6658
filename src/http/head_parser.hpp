// Beast's parser with our limits and our Request at its end. Include only in connection.cpp and the fuzzer.
#pragma once
#include <boost/beast/http/basic_parser.hpp>

#include "http/message.hpp"

namespace vitrine::http {

inline constexpr std::size_t header_fields_max = 100;

/// Where a request head ends, found before parsing so that a head is parsed once and whole.
struct HeadScan {
  enum class State { incomplete, complete, malformed };
  State state = State::incomplete;
  std::size_t length = 0;  ///< of a complete head, its blank line included; otherwise where to look on from
};
/// Refuses bare LF and folded lines (RFC 9112 §5.2), which intermediaries read in different ways.
/// `from` is the length a former call gave for the same bytes.
[[nodiscard]] HeadScan scan_head(std::string_view bytes, std::size_t from);

/// What is wrong with a head, as an answer.
struct HeadProblem {
  int status;
  std::string_view code;
  std::string_view detail;
};

/// Parses one request: first its head, then, if it is chunked, its body. One object a request.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  using Base = boost::beast::http::basic_parser<true>;

  explicit RequestParser(Request& request);

  /// `head` is one complete head. Fills the request; what it returns ends the connection.
  [[nodiscard]] std::optional<HeadProblem> parse_head(std::string_view head);

  [[nodiscard]] std::string_view target() const { return target_; }
  [[nodiscard]] bool is_http10() const { return version_ < 11; }
  /// Bytes a Content-Length names; 0 without one.
  [[nodiscard]] std::int64_t body_length() const { return body_length_; }

  struct ChunkedStep {
    enum class State { more, done, malformed };
    State state = State::more;
    std::size_t consumed = 0;  ///< of the input
    std::size_t produced = 0;  ///< written to the output
  };
  /// Decodes part of a chunked body. Give it all input there is; at least chunked_input_min bytes of it.
  [[nodiscard]] ChunkedStep decode_chunked(std::string_view input, std::span<char> output);
  /// Any rest of a chunked body is at least so long ("0" CRLF CRLF); Beast asserts that it never sees less.
  static constexpr std::size_t chunked_input_min = 5;

 private:
  using ErrorCode = boost::beast::error_code;
  using View = boost::beast::string_view;
  using Field = boost::beast::http::field;
  using Verb = boost::beast::http::verb;

  [[nodiscard]] std::optional<HeadProblem> check_head() const;

  void on_request_impl(Verb verb, View method, View target, int version, ErrorCode& error) override;
  void on_response_impl(int, View, int, ErrorCode&) override {}
  void on_field_impl(Field field, View name, View value, ErrorCode& error) override;
  void on_header_impl(ErrorCode&) override { in_head_ = false; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(View, ErrorCode&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t remain, View body, ErrorCode& error) override;
  void on_finish_impl(ErrorCode&) override {}

  Request& request_;
  std::string_view target_;  ///< into the head
  std::span<char> output_;
  std::size_t produced_ = 0;
  std::int64_t body_length_ = 0;
  int version_ = 11;
  bool in_head_ = true;
  bool known_method_ = true;
  bool only_chunked_ = true;
  bool plain_length_ = true;
  int hosts_ = 0, lengths_ = 0, encodings_ = 0;
};

}  // namespace vitrine::http
