# What the package's description is made of; Slicer's refuses an extension without it too.
set(_description "")
foreach(_part HOMEPAGE CONTRIBUTORS DESCRIPTION ICONURL SCREENSHOTURLS DEPENDS)
  if("${EXTENSION_${_part}}" STREQUAL "")
    message(FATAL_ERROR "EXTENSION_${_part} is not set")
  endif()
  string(APPEND _description "${_part} ${EXTENSION_${_part}}\n")
endforeach()
file(WRITE "${CMAKE_BINARY_DIR}/description.txt" "${_description}")
