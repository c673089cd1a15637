"""The demo: a cast of named people and a crowd of any volume, who reach Préau only as the files a school really has."""
