package android.net

abstract class Uri {
    abstract val path: String?
}
