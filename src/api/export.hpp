// Everything that is held about a person, in one ZIP archive: docs/formats/export.md.
#pragma once
#include "api/api.hpp"
#include "base/json.hpp"

namespace vitrine::api {

[[nodiscard]] Result<http::Response> export_everything(Rooms& rooms, const http::Request& request);

/// What the vault says it did with a person's data.
[[nodiscard]] Result<json::array> receipts_json(Rooms& rooms, std::string_view subject);

}  // namespace vitrine::api
