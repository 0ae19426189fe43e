package pocketkms

// What is unsigned in Rust is an Int or a Long here: Java has no other numbers. signatures.awk puts the calls into the code that UniFFI makes.

/** A number for Rust. */
internal fun unsigned(value: Long, most: Long): Long =
    if (value in 0..most) value else throw KmsException.Validation(ErrorDetails(message = "$value is not between 0 and $most"))

internal fun unsigned(value: Int, most: Int): Int = unsigned(value.toLong(), most.toLong()).toInt()
