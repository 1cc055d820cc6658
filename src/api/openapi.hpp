// The description of the API (OpenAPI 3.1): src/api/openapi.json, embedded.
#pragma once
#include <string_view>

namespace vitrine::api {

[[nodiscard]] std::string_view openapi_document();

}  // namespace vitrine::api
