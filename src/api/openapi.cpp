#include "api/openapi.hpp"

// The file itself, byte for byte; VITRINE_OPENAPI_FILE comes from CMake.
asm(".pushsection .rodata\n"
    "vitrine_openapi: .incbin \"" VITRINE_OPENAPI_FILE
    "\"\n"
    "vitrine_openapi_end: .byte 0\n"
    ".popsection\n");

extern "C" {
extern const char vitrine_openapi[];
extern const char vitrine_openapi_end[];
}

namespace vitrine::api {

std::string_view openapi_document() { return {vitrine_openapi, vitrine_openapi_end}; }

}  // namespace vitrine::api
