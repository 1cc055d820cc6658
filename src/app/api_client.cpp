#include "app/api_client.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>

#include "base/crypto.hpp"

namespace vitrine::app {
namespace {

constexpr std::int64_t piece_bytes = 8 << 20;
constexpr int attempts_max = 5;
constexpr std::chrono::seconds attempt_pause{1};

Error error_of(const http::ClientResponse& response) {
  const Errc code = response.status == 404   ? Errc::not_found
                    : response.status == 409 ? Errc::conflict
                    : response.status == 429 ? Errc::too_many_requests
                    : response.status == 401 ? Errc::unauthenticated
                    : response.status >= 500 ? Errc::unavailable
                                             : Errc::invalid_argument;
  if (auto value = parse_json(response.body); value && value->is_object()) {
    if (auto detail = text_member(value->get_object(), "detail")) return {code, std::string(*detail)};
  }
  return {code, fmt::format("the server answered {}", response.status)};
}

std::string encoded(std::string_view key, std::string_view value) {
  return fmt::format("{} {}", key, crypto::base64(crypto::bytes_of(value)));
}

}  // namespace

http::Headers ApiClient::headers() const {
  http::Headers headers;
  if (!token_.empty()) headers.set("Authorization", fmt::format("Bearer {}", token_));
  return headers;
}

Result<json::value> ApiClient::call(http::Method method, std::string_view path, const json::value& body) {
  auto fields = headers();
  std::string text;
  if (!body.is_null()) {
    fields.set("Content-Type", "application/json");
    text = json::serialize(body);
  }
  VT_TRY(const auto response, client_.send(method, path, fields, text));
  if (response.status >= 400) return std::unexpected(error_of(response));
  if (response.body.empty()) return json::value(nullptr);
  return parse_json(response.body);
}

Result<void> ApiClient::sign_in(std::string_view handle, std::string_view password) {
  VT_TRY(const auto made, call(http::Method::post, "/api/v1/session", {{"handle", handle}, {"password", password}}));
  token_ = std::string(made.at("token").as_string());
  return {};
}

Result<void> ApiClient::sign_up(std::string_view handle, std::string_view password, std::string_view display_name,
                                std::string_view birth_date) {
  VT_TRY(
      const auto made,
      call(http::Method::post, "/api/v1/accounts",
           {{"handle", handle}, {"password", password}, {"display_name", display_name}, {"birth_date", birth_date}}));
  token_ = std::string(made.at("token").as_string());
  return {};
}

Result<std::int64_t> ApiClient::offset_of(const std::string& location) {
  auto fields = headers();
  fields.set("Tus-Resumable", "1.0.0");
  VT_TRY(const auto response, client_.send(http::Method::head, location, fields));
  if (response.status >= 400) return std::unexpected(error_of(response));
  const auto text = response.headers.get("Upload-Offset");
  std::int64_t offset = 0;
  std::from_chars(text.data(), text.data() + text.size(), offset);
  return offset;
}

Result<std::int64_t> ApiClient::send_piece(const std::string& location, std::int64_t offset, std::string_view bytes) {
  auto fields = headers();
  fields.set("Tus-Resumable", "1.0.0");
  fields.set("Content-Type", "application/offset+octet-stream");
  fields.set("Upload-Offset", fmt::to_string(offset));
  VT_TRY(const auto response, client_.send(http::Method::patch, location, fields, bytes));
  if (response.status >= 400) return std::unexpected(error_of(response));
  return offset + static_cast<std::int64_t>(bytes.size());
}

Result<std::string> ApiClient::upload(const UploadRequest& request) {
  std::error_code error;
  const auto length = static_cast<std::int64_t>(std::filesystem::file_size(request.path, error));
  std::ifstream file(request.path, std::ios::binary);
  if (error || !file) return fail(Errc::not_found, "cannot read {}", request.path);
  auto fields = headers();
  fields.set("Tus-Resumable", "1.0.0");
  fields.set("Upload-Length", fmt::to_string(length));
  fields.set("Upload-Metadata",
             fmt::format("{},{},{}", encoded("filename", std::filesystem::path(request.path).filename().string()),
                         encoded("caption", request.caption), encoded("tags", request.tags)));
  VT_TRY(const auto created, client_.send(http::Method::post, "/uploads", fields));
  if (created.status >= 400) return std::unexpected(error_of(created));
  const std::string location(created.headers.get("Location"));
  std::int64_t offset = 0;
  for (int attempt = 0; offset < length;) {
    std::string piece(static_cast<std::size_t>(std::min(piece_bytes, length - offset)), '\0');
    file.seekg(offset);
    if (!file.read(piece.data(), static_cast<std::streamsize>(piece.size())))
      return fail(Errc::internal, "cannot read {}", request.path);
    const auto sent = send_piece(location, offset, piece);
    if (sent) {
      offset = *sent;
      attempt = 0;
      if (request.on_progress) request.on_progress(offset, length);
      continue;
    }
    if (++attempt >= attempts_max) return std::unexpected(sent.error());
    std::this_thread::sleep_for(attempt_pause);
    if (auto stands = offset_of(location)) offset = *stands;
  }
  return location.substr(location.rfind('/') + 1);
}

Result<json::object> ApiClient::video(std::string_view id) {
  VT_TRY(auto value, call(http::Method::get, fmt::format("/api/v1/videos/{}", id)));
  if (!value.is_object()) return fail(Errc::unavailable, "the server's answer is not a video");
  return std::move(value.get_object());
}

}  // namespace vitrine::app
