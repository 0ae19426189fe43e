package android.os

class Build {
    class VERSION {
        companion object {
            @JvmField
            var SDK_INT = 34
        }
    }
}
