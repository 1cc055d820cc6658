// Somebody who uses a running server through its public API: the import, the demo's people.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "http/client.hpp"

namespace vitrine::app {

/// Not thread-safe. Errors carry the problem document's detail.
class ApiClient {
 public:
  explicit ApiClient(const std::string& server_url) : client_(server_url) {}

  [[nodiscard]] Result<void> sign_in(std::string_view handle, std::string_view password);
  [[nodiscard]] Result<void> sign_up(std::string_view handle, std::string_view password, std::string_view display_name,
                                     std::string_view birth_date);
  /// A JSON call; an answer of 400 or more is an Error.
  [[nodiscard]] Result<json::value> call(http::Method method, std::string_view path, const json::value& body = nullptr);

  struct UploadRequest {
    std::string path, caption;
    std::string tags;  ///< comma separated
    std::function<void(std::int64_t sent, std::int64_t total)> on_progress = {};
  };
  /// Sends a file by tus, going on after lost connections; gives the video's id.
  [[nodiscard]] Result<std::string> upload(const UploadRequest& request);
  [[nodiscard]] Result<json::object> video(std::string_view id);

 private:
  [[nodiscard]] Result<std::int64_t> offset_of(const std::string& location);
  [[nodiscard]] Result<std::int64_t> send_piece(const std::string& location, std::int64_t offset,
                                                std::string_view bytes);
  [[nodiscard]] http::Headers headers() const;

  http::Client client_;
  std::string token_;
};

}  // namespace vitrine::app
