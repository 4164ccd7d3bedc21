/* Arguments, answers and names of the functions of the addon. SPDX-License-Identifier: Apache-2.0 */
#include "native.h"

#include <errno.h>
#include <stdio.h>

void throw_type(napi_env env, const char *name, const char *wanted)
{
	char text[96];

	snprintf(text, sizeof(text), "%s must be %s", name, wanted);
	napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", text);
}

bool get_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values)
{
	size_t got = count;

	return napi_get_cb_info(env, info, &got, values, NULL, NULL) == napi_ok;
}

bool get_int(napi_env env, napi_value value, const char *name, int *out)
{
	if (napi_get_value_int32(env, value, out) == napi_ok)
		return true;
	throw_type(env, name, "a number");
	return false;
}

static bool get_typed_array(napi_env env, napi_value value, napi_typedarray_type wanted, void **data, size_t *length)
{
	bool is_typed_array = false;
	napi_typedarray_type type;

	if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array)
		return false;
	if (napi_get_typedarray_info(env, value, &type, length, data, NULL, NULL) != napi_ok)
		return false;
	return type == wanted;
}

bool get_bytes(napi_env env, napi_value value, const char *name, struct bytes *out)
{
	if (get_typed_array(env, value, napi_uint8_array, (void **)&out->data, &out->length))
		return true;
	throw_type(env, name, "a Uint8Array");
	return false;
}

bool get_words(napi_env env, napi_value value, const char *name, struct words *out)
{
	if (get_typed_array(env, value, napi_int32_array, (void **)&out->data, &out->length))
		return true;
	throw_type(env, name, "an Int32Array");
	return false;
}

bool get_doubles(napi_env env, napi_value value, const char *name, struct doubles *out)
{
	if (get_typed_array(env, value, napi_float64_array, (void **)&out->data, &out->length))
		return true;
	throw_type(env, name, "a Float64Array");
	return false;
}

/* null and undefined are "none". */
bool get_optional_bytes(napi_env env, napi_value value, const char *name, struct bytes *out)
{
	napi_valuetype type;

	out->data = NULL;
	out->length = 0;
	if (napi_typeof(env, value, &type) == napi_ok && (type == napi_null || type == napi_undefined))
		return true;
	return get_bytes(env, value, name, out);
}

napi_value number(napi_env env, ssize_t value)
{
	napi_value result = NULL;

	napi_create_int64(env, value, &result);
	return result;
}

napi_value result_of(napi_env env, ssize_t result)
{
	return number(env, result < 0 ? -errno : result);
}

bool define_function(napi_env env, napi_value exports, const char *name, napi_callback callback)
{
	napi_value function;

	return napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function) == napi_ok &&
	       napi_set_named_property(env, exports, name, function) == napi_ok;
}
